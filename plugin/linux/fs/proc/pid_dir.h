#ifndef FAULTLINE_PLUGIN_LINUX_FS_PROC_PID_DIR_H_
#define FAULTLINE_PLUGIN_LINUX_FS_PROC_PID_DIR_H_

// /proc/PID and /proc/PID/task/TID. Linux: fs/proc/base.c.
//
// An inode remembers a number, not a task: every question finds the task anew
// and answers kESRCH (or kENOENT, walking) when it is gone.

#include <cstdint>
#include <memory>

#include "absl/strings/string_view.h"
#include "plugin/linux/fs/inode.h"

namespace faultline::mm {
class AddressSpace;
}

namespace faultline::os {

class Kernel;
class Process;
class Task;

// Whose directory: a process's (its files speak of all threads) or a thread's.
enum class PidKind : uint8_t { kProcess, kThread };

std::shared_ptr<Inode> MakePidDir(const std::shared_ptr<FileSystem>& fs,
                                  Kernel& kernel, int id, PidKind kind);

// "123" -> 123; 0 if it is no id as /proc writes them.
int ParsePid(absl::string_view name);
// The inode number of file `index` in id's directory: the same whenever it is
// looked up. Index 0 is the directory itself.
uint64_t PidIno(int id, unsigned index);

// A reference to a task by number.
class PidRef {
 public:
  PidRef(Kernel& kernel, int id, PidKind kind)
      : kernel_(&kernel), id_(id), kind_(kind) {}
  Kernel& kernel() const { return *kernel_; }
  int id() const { return id_; }
  PidKind kind() const { return kind_; }
  // For a process, any thread of it that has not exited, the leader first.
  // kESRCH.
  ErrnoOr<std::shared_ptr<Task>> task() const;
  // Zombies included. kESRCH.
  ErrnoOr<std::shared_ptr<Process>> process() const;
  // Its memory. kESRCH if it has none any more.
  ErrnoOr<std::shared_ptr<mm::AddressSpace>> mm() const;

 private:
  Kernel* kernel_;
  int id_;
  PidKind kind_;
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_PROC_PID_DIR_H_
