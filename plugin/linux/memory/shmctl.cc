// shmctl(2). Layouts: include/uapi/asm-generic/shmbuf.h, ipcbuf.h; the same on
// both architectures.

#include "guest_mm/file/mapping.h"
#include "plugin/linux/fs/capability.h"
#include "plugin/linux/fs/regular_file.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/memory/shm.h"
#include "plugin/linux/memory/shm_access.h"
#include "plugin/linux/time/clock.h"

namespace faultline::os {
namespace {

enum Command : int {
  kIpcRmid = 0,
  kIpcSet = 1,
  kIpcStat = 2,
  kIpcInfo = 3,
  kShmLock = 11,
  kShmUnlock = 12,
  kShmStat = 13,
  kShmInfo = 14,
  kShmStatAny = 15
};

struct ShmidDs {
  int32_t key;
  uint32_t uid, gid, creator_uid, creator_gid;
  uint32_t mode;
  uint16_t seq, pad;
  uint64_t unused1, unused2;
  uint64_t size;
  int64_t attached_at, detached_at, changed_at;
  int32_t creator_pid, last_pid;
  uint64_t attaches;
  uint64_t unused3, unused4;
};
static_assert(sizeof(ShmidDs) == 112);

struct Shminfo {
  uint64_t max_bytes, min_bytes, max_segments, max_per_process, max_pages;
  uint64_t unused[4];
};

struct ShmInfo {
  int32_t used_ids, pad;
  uint64_t total_pages, resident_pages, swapped_pages, unused1, unused2;
};

ShmidDs Describe(const ShmSegment& s) {
  ShmidDs d{};
  d.key = s.key;
  d.uid = s.uid;
  d.gid = s.gid;
  d.creator_uid = s.creator_uid;
  d.creator_gid = s.creator_gid;
  d.mode = s.mode;
  d.size = s.size;
  d.attached_at = s.attached_at;
  d.detached_at = s.detached_at;
  d.changed_at = s.changed_at;
  d.creator_pid = s.creator_pid;
  d.last_pid = s.last_pid;
  d.attaches = s.attaches();
  return d;
}

bool Owns(const Task& task, const ShmSegment& s) {
  return task.cred().euid == s.uid || task.cred().euid == s.creator_uid ||
         task.cred().HasCap(kCapSysAdmin);
}

// The highest index in use: what the *_INFO and *_STAT commands speak in.
uint64_t HighestId(const SysvShm& shm) {
  return shm.segments().empty() ? 0 : uint64_t(shm.segments().rbegin()->first);
}

SyscallResult Info(Task& task, uint64_t user) {
  const Shminfo info{~uint64_t{0} - (1ull << 24), 1,
                     SysvShm::kMaxSegments,       SysvShm::kMaxSegments,
                     ~uint64_t{0} - (1ull << 24), {}};
  FL_TRY(task.user().Put(user, info));
  return HighestId(task.kernel().shm());
}

SyscallResult Usage(Task& task, uint64_t user) {
  SysvShm& shm = task.kernel().shm();
  ShmInfo info{};
  info.used_ids = int32_t(shm.segments().size());
  const auto shift = task.mm().page_shift();
  for (const auto& [id, s] : shm.segments()) {
    info.total_pages += mm::PageCount::ToHold(s.size, shift).value();
    info.resident_pages += s.mapping().cached().value();
    info.swapped_pages += s.mapping().swapped().value();
  }
  FL_TRY(task.user().Put(user, info));
  return HighestId(shm);
}

SyscallResult Set(Task& task, ShmSegment& s, uint64_t user) {
  FL_ASSIGN(const auto d, task.user().Get<ShmidDs>(user));
  if (!Owns(task, s)) {
    return Errno::kEPERM;
  }
  s.uid = d.uid;
  s.gid = d.gid;
  s.mode = (s.mode & ~0777u) | (d.mode & 0777);
  s.changed_at = int64_t(task.kernel().realtime_ns() / kNsPerSec);
  return 0;
}

bool MayLockIt(const Task& task, const ShmSegment& s) {
  const Credentials& cred = task.cred();
  return cred.HasCap(kCapIpcLock) || cred.euid == s.uid ||
         cred.euid == s.creator_uid;
}

// shmctl_do_lock(). Of huge pages there is nothing to lock: success.
SyscallResult Lock(Task& task, ShmSegment& s) {
  mm::AddressSpace& mm = task.mm();
  const bool unlimited = task.cred().HasCap(kCapIpcLock);
  if (!MayLockIt(task, s) || (!unlimited && mm.limits.memlock == 0)) {
    return Errno::kEPERM;
  }
  if (s.file->Mappable()->hugetlb() != nullptr) {
    return 0;
  }
  const mm::PageCount limit(
      unlimited ? ~uint64_t{0} : mm.limits.memlock >> mm.page_shift().value());
  FL_TRY(task.kernel().shm().Lock(
      s, task.cred().uid, mm::PageCount::ToHold(s.size, mm.page_shift()),
      limit));
  return 0;
}

}  // namespace

SyscallResult SysShmctl(Task& task, const SyscallArgs& args) {
  constexpr int kIpc64 = 0x100;
  SysvShm& shm = task.kernel().shm();
  shm.Purge();
  const int command = args.Int(1) & ~kIpc64;
  const uint64_t user = args.Ptr(2);
  if (args.Int(0) < 0 || command < 0) {
    return Errno::kEINVAL;
  }
  if (command == kIpcInfo) {
    return Info(task, user);
  }
  if (command == kShmInfo) {
    return Usage(task, user);
  }
  ShmSegment* s = shm.Find(args.Int(0));
  if (s == nullptr) {
    return Errno::kEINVAL;
  }
  switch (command) {
    case kIpcStat:
    case kShmStat:
    case kShmStatAny:
      if (command != kShmStatAny && !ShmMayAccess(task, *s, 0444)) {
        return Errno::kEACCES;
      }
      FL_TRY(task.user().Put(user, Describe(*s)));
      return command == kIpcStat ? 0 : uint64_t(s->id);
    case kIpcSet:
      return Set(task, *s, user);
    case kIpcRmid:
      if (!Owns(task, *s)) {
        return Errno::kEPERM;
      }
      s->mode |= kShmDest;
      s->key = 0;  // nobody finds it any more
      shm.Purge();
      return 0;
    case kShmLock:
      return Lock(task, *s);
    case kShmUnlock:
      if (!MayLockIt(task, *s)) {
        return Errno::kEPERM;
      }
      shm.Unlock(*s);
      return 0;
    default:
      return Errno::kEINVAL;
  }
}

}  // namespace faultline::os
