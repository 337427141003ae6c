#include "plugin/linux/fs/calls/lock_calls.h"

#include "plugin/linux/fs/calls.h"
#include "plugin/linux/fs/fd_table.h"
#include "plugin/linux/fs/file_locks.h"
#include "plugin/linux/fs/inode.h"
#include "plugin/linux/fs/vfs.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

enum LockType : int16_t { kRdlck = 0, kWrlck = 1, kUnlck = 2 };

// struct flock, the same on both architectures.
struct UserFlock {
  int16_t type, whence;
  int32_t pad0;
  int64_t start, length;
  int32_t pid, pad1;
};
static_assert(sizeof(UserFlock) == 32);

struct Wanted {
  LockType type = kUnlck;
  FileLocks::Lock lock;
};

const void* OwnerOf(Task& task, const File& file, LockOwner whose) {
  return whose == LockOwner::kTable ? static_cast<const void*>(&task.files())
                                    : static_cast<const void*>(&file);
}

// flock_to_posix_lock(). A negative length means the bytes before start.
ErrnoOr<Wanted> Decode(Task& task, File& file, const UserFlock& u,
                       LockOwner whose) {
  int64_t start = u.start;
  int64_t base = 0;
  switch (u.whence) {
    case 0:
      break;
    case 1:
      base = int64_t(file.position());
      break;
    case 2:
      base = int64_t(file.Stat().size);
      break;
    default:
      return Errno::kEINVAL;
  }
  if (__builtin_add_overflow(start, base, &start)) {
    return Errno::kEOVERFLOW;
  }
  int64_t end;
  if (u.length > 0) {
    if (__builtin_add_overflow(start, u.length - 1, &end)) {
      return Errno::kEOVERFLOW;
    }
  } else if (u.length < 0) {
    end = start - 1;
    start += u.length;
  } else {
    end = -1;  // to the end of everything
  }
  if (start < 0 || u.type < kRdlck || u.type > kUnlck) {
    return Errno::kEINVAL;
  }
  // OFD locks have no owner to name, and the field must be clear.
  if (whose == LockOwner::kFile && u.pid != 0) {
    return Errno::kEINVAL;
  }
  Wanted w;
  w.type = LockType(u.type);
  w.lock.owner = OwnerOf(task, file, whose);
  w.lock.pid = whose == LockOwner::kTable ? task.process().pid() : -1;
  w.lock.type =
      u.type == kWrlck ? FileLocks::Type::kWrite : FileLocks::Type::kRead;
  w.lock.start = uint64_t(start);
  w.lock.end = uint64_t(end);
  return w;
}

ErrnoOr<Done> SetOrWait(Task& task, Inode& inode, FileLocks::Kind kind,
                        const FileLocks::Lock& lock, LockWait wait) {
  while (true) {
    const ErrnoOr<Done> set =
        inode.locks().Set(kind, lock, *task.kernel().vfs().slab());
    if (set.ok() || set.error() != Errno::kEAGAIN || wait == LockWait::kNo) {
      return set;
    }
    if (mm::Scheduler::Active()->Wait(inode.locks().released(),
                                      mm::Interruptible::kYes) ==
        mm::WaitResult::kInterrupted) {
      return Errno::kERESTARTSYS;
    }
  }
}

}  // namespace

SyscallResult FcntlGetLock(Task& task, File& file, uint64_t user,
                           LockOwner whose) {
  FL_ASSIGN(UserFlock u, task.user().Get<UserFlock>(user));
  if (u.type != kRdlck && u.type != kWrlck) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const Wanted w, Decode(task, file, u, whose));
  const std::shared_ptr<Inode> inode = file.inode();
  const auto conflict =
      inode == nullptr
          ? std::nullopt
          : inode->locks().Conflict(FileLocks::Kind::kRecord, w.lock);
  if (!conflict) {
    u.type = kUnlck;
  } else {
    u.type = conflict->type == FileLocks::Type::kWrite ? kWrlck : kRdlck;
    u.whence = 0;
    u.start = int64_t(conflict->start);
    u.length = conflict->end == ~uint64_t{0}
                   ? 0
                   : int64_t(conflict->end - conflict->start + 1);
    u.pid = conflict->pid;
  }
  FL_TRY(task.user().Put(user, u));
  return uint64_t{0};
}

SyscallResult FcntlSetLock(Task& task, File& file, uint64_t user,
                           LockOwner whose, LockWait wait) {
  FL_ASSIGN(const UserFlock u, task.user().Get<UserFlock>(user));
  FL_ASSIGN(const Wanted w, Decode(task, file, u, whose));
  if ((w.type == kRdlck && !file.readable()) ||
      (w.type == kWrlck && !file.writable())) {
    return Errno::kEBADF;
  }
  const std::shared_ptr<Inode> inode = file.inode();
  if (inode == nullptr) {
    return Errno::kEBADF;  // a pipe has nothing to lock
  }
  if (w.type == kUnlck) {
    FL_TRY(inode->locks().Unlock(w.lock, *task.kernel().vfs().slab()));
    return uint64_t{0};
  }
  FL_TRY(SetOrWait(task, *inode, FileLocks::Kind::kRecord, w.lock, wait));
  return uint64_t{0};
}

SyscallResult SysFlock(Task& task, const SyscallArgs& args) {
  constexpr int kSh = 1, kEx = 2, kNb = 4, kUn = 8;
  FL_ASSIGN(const std::shared_ptr<File> file, task.files().Get(args.Int(0)));
  const int operation = args.Int(1) & ~kNb;
  if (operation != kSh && operation != kEx && operation != kUn) {
    return Errno::kEINVAL;
  }
  const std::shared_ptr<Inode> inode = file->inode();
  if (inode == nullptr) {
    return Errno::kEBADF;
  }
  FileLocks::Lock lock;
  lock.owner = file.get();
  lock.type =
      operation == kEx ? FileLocks::Type::kWrite : FileLocks::Type::kRead;
  if (operation == kUn) {
    inode->locks().Clear(FileLocks::Kind::kFlock, lock.owner);
    return uint64_t{0};
  }
  FL_TRY(SetOrWait(task, *inode, FileLocks::Kind::kFlock, lock,
                   (args.Int(1) & kNb) != 0 ? LockWait::kNo : LockWait::kYes));
  return uint64_t{0};
}

}  // namespace faultline::os
