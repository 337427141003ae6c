#ifndef FAULTLINE_PLUGIN_LINUX_MEMORY_SHM_H_
#define FAULTLINE_PLUGIN_LINUX_MEMORY_SHM_H_

// System V shared memory. Linux: ipc/shm.c. A segment is an unlinked shmem
// file; attaching maps it. How often it is attached is how many VMAs map it,
// which its Mapping knows, so nothing has to be told of forks and exits.

#include <cstdint>
#include <map>
#include <memory>

#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "plugin/linux/syscall/call.h"

namespace faultline::mm {
class MappedFile;
class Mapping;
}  // namespace faultline::mm

namespace faultline::os {

class PathFile;

struct ShmSegment {
  int id = 0;
  int32_t key = 0;
  uint64_t size = 0;  // as asked for; pages are rounded up
  uint32_t mode = 0;  // permission bits, SHM_DEST, SHM_LOCKED
  uint32_t uid = 0, gid = 0, creator_uid = 0, creator_gid = 0;
  int creator_pid = 0, last_pid = 0;
  int64_t attached_at = 0, detached_at = 0, changed_at = 0;  // seconds
  uint32_t locked_by = 0;  // the user who pays while SHM_LOCKED is set
  mm::PageCount locked;
  std::shared_ptr<PathFile> file;

  mm::Mapping& mapping() const;
  uint64_t attaches() const;
  // The file opened once more. Each attach maps one of its own, so that two of
  // them are told apart, and never merge.
  std::shared_ptr<mm::MappedFile> OpenAgain() const;
};

class SysvShm {
 public:
  static constexpr uint64_t kMaxSegments = 4096;  // SHMMNI

  // Removes those that are marked for it and no longer attached.
  void Purge();
  // Null if there is none.
  ShmSegment* Find(int id);
  ShmSegment* FindKey(int32_t key);
  // The one that `file` is an attach of.
  ShmSegment* FindFile(mm::MappedFile& file);
  ShmSegment& Add(ShmSegment segment);
  // SHM_LOCK of `pages` on behalf of user `uid`, who may have `limit` locked in
  // all segments together. kENOMEM. Without effect if `s` is locked already.
  ErrnoOr<Done> Lock(ShmSegment& s, uint32_t uid, mm::PageCount pages,
                     mm::PageCount limit);
  void Unlock(ShmSegment& s);
  const std::map<int, ShmSegment>& segments() const { return segments_; }

 private:
  std::map<int, ShmSegment> segments_;
  std::map<uint32_t, mm::PageCount> locked_;  // by user
  int next_id_ = 0;
};

SyscallResult SysShmget(Task& task, const SyscallArgs& args);
SyscallResult SysShmat(Task& task, const SyscallArgs& args);
SyscallResult SysShmdt(Task& task, const SyscallArgs& args);
SyscallResult SysShmctl(Task& task, const SyscallArgs& args);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_MEMORY_SHM_H_
