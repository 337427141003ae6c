#ifndef FAULTLINE_PLUGIN_LINUX_FS_FILE_SYSTEM_H_
#define FAULTLINE_PLUGIN_LINUX_FS_FILE_SYSTEM_H_

// FileSystem: one instance of a file system: its device number, its inode
// numbers, its clock. Linux: struct super_block. Outlives its inodes: each
// holds it by shared_ptr.

#include <cstdint>
#include <string>
#include <utility>

#include "guest_mm/sync/scheduler.h"
#include "plugin/linux/fs/kstat.h"

namespace faultline::os {

// Guest real time for files: virtual time since a fixed epoch.
class FsClock {
 public:
  explicit FsClock(Timestamp epoch) : epoch_(epoch) {}
  Timestamp epoch() const { return epoch_; }
  // The epoch itself before the scheduler runs.
  Timestamp Now() const {
    const mm::Scheduler* s = mm::Scheduler::Active();
    return Timestamp(epoch_.ns() + (s == nullptr ? 0 : int64_t(s->now().ns())));
  }

 private:
  Timestamp epoch_;
};

class FileSystem {
 public:
  // `type` as in /proc/mounts; `magic` as in statfs. `clock` outlives it.
  FileSystem(std::string type, uint64_t magic, DevId dev, const FsClock& clock)
      : type_(std::move(type)), magic_(magic), dev_(dev), clock_(clock) {}
  virtual ~FileSystem() = default;
  FileSystem(const FileSystem&) = delete;
  FileSystem& operator=(const FileSystem&) = delete;

  const std::string& type() const { return type_; }
  uint64_t magic() const { return magic_; }
  DevId dev() const { return dev_; }
  const FsClock& clock() const { return clock_; }
  // 1, 2, ... in order of asking: the same in every run.
  uint64_t NextIno() { return ++last_ino_; }

  // Looking up a name that is not there is an error of its own, whatever the
  // caller was going to make there: /proc. Elsewhere making it may fail with
  // EACCES or EROFS first.
  virtual bool refuses_new_names() const { return type_ == "proc"; }

  // Nothing on it can be executed (SB_I_NOEXEC): /proc, /sys.
  virtual bool noexec() const { return type_ == "proc" || type_ == "sysfs"; }

  // Writes back what is dirty.
  virtual void Sync() {}
  // Forgets clean pages that can be had again.
  virtual void DropCaches() {}

  // What /proc/mounts shows behind "rw,relatime": empty, or from its comma on.
  virtual std::string ShowOptions() const { return ""; }

  virtual KStatfs Statfs() const {
    KStatfs s;
    s.magic = magic_;
    return s;
  }

 private:
  std::string type_;
  uint64_t magic_;
  DevId dev_;
  const FsClock& clock_;
  uint64_t last_ino_ = 0;
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_FILE_SYSTEM_H_
