// truncate, ftruncate, fallocate, fsync and advice. Linux: fs/open.c,
// fs/sync.c, mm/fadvise.c.

#include "plugin/linux/fs/calls.h"
#include "plugin/linux/fs/calls/at.h"
#include "plugin/linux/fs/falloc.h"
#include "plugin/linux/fs/vfs.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/signal/send.h"
#include "plugin/linux/task/process.h"

namespace faultline::os {
namespace {

// inode_newsize_ok(): growing beyond RLIMIT_FSIZE costs a signal.
ErrnoOr<Done> NewSizeOk(Task& task, uint64_t old_size, uint64_t size) {
  const uint64_t limit = task.process().rlimits[kRlimitFsize].soft;
  if (size > old_size && size > limit) {
    (void)SendSignal(task, SigInfo(kSigXfsz, kSiKernel));
    return Errno::kEFBIG;
  }
  return kDone;
}

ErrnoOr<std::shared_ptr<File>> GetForSync(Task& task, int fd) {
  return task.files().Get(fd);
}

}  // namespace

SyscallResult SysTruncate(Task& task, const SyscallArgs& args) {
  if (args.I64(1) < 0) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const Path path, LookupAt(task, kAtFdCwd, args.Ptr(0), 0));
  if (path.inode()->is_dir()) {
    return Errno::kEISDIR;
  }
  if (!path.inode()->is_regular()) {
    return Errno::kEINVAL;
  }
  FL_TRY(PathPermission(CallerOf(task), path, kMayWrite));
  FL_TRY(NewSizeOk(task, path.inode()->size(), args.U64(1)));
  const mm::WriteGuard guard(path.inode()->rwsem);
  FL_TRY(path.inode()->Truncate(args.U64(1)));
  return uint64_t{0};
}

SyscallResult SysFtruncate(Task& task, const SyscallArgs& args) {
  if (args.I64(1) < 0) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const std::shared_ptr<File> file, task.files().Get(args.Int(0)));
  if (!file->writable()) {
    return Errno::kEINVAL;
  }
  FL_TRY(NewSizeOk(task, file->Stat().size, args.U64(1)));
  FL_TRY(file->Truncate(task, args.U64(1)));
  return uint64_t{0};
}

SyscallResult SysFallocate(Task& task, const SyscallArgs& args) {
  const int mode = args.Int(1);
  const int64_t offset = args.I64(2), length = args.I64(3);
  if (offset < 0 || length <= 0) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const std::shared_ptr<File> file, task.files().Get(args.Int(0)));
  if ((mode & ~kFallocKnown) != 0) {
    return Errno::kEOPNOTSUPP;
  }
  if ((mode & kFallocPunchHole) != 0 && (mode & kFallocKeepSize) == 0) {
    return Errno::kEOPNOTSUPP;
  }
  if (!file->writable()) {
    return Errno::kEBADF;
  }
  const uint32_t type = file->Stat().mode & kS_IFMT;
  if (type == kS_IFIFO) {
    return Errno::kESPIPE;
  }
  if (type == kS_IFDIR) {
    return Errno::kEISDIR;
  }
  int64_t end;
  if (__builtin_add_overflow(offset, length, &end)) {
    return Errno::kEFBIG;
  }
  if ((mode & kFallocKeepSize) == 0) {
    FL_TRY(NewSizeOk(task, file->Stat().size, uint64_t(end)));
  }
  FL_TRY(file->Allocate(task, mode, uint64_t(offset), uint64_t(length)));
  return uint64_t{0};
}

SyscallResult SysFadvise64(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(const std::shared_ptr<File> file, task.files().Get(args.Int(0)));
  if ((file->Stat().mode & kS_IFMT) == kS_IFIFO) {
    return Errno::kESPIPE;
  }
  if (args.I64(2) < 0 || args.Uint(3) > 5) {
    return Errno::kEINVAL;
  }
  return uint64_t{0};  // advice, taken or not
}

SyscallResult SysReadahead(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(const std::shared_ptr<File> file, task.files().Get(args.Int(0)));
  if (!file->readable()) {
    return Errno::kEBADF;
  }
  if (file->inode() == nullptr || !file->inode()->is_regular()) {
    return Errno::kEINVAL;
  }
  return uint64_t{0};
}

SyscallResult SysFsync(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(const std::shared_ptr<File> file, GetForSync(task, args.Int(0)));
  FL_TRY(file->Sync(task));
  return uint64_t{0};
}
SyscallResult SysFdatasync(Task& task, const SyscallArgs& args) {
  return SysFsync(task, args);
}

SyscallResult SysSync(Task& task, const SyscallArgs&) {
  task.kernel().vfs().SyncAll();
  return uint64_t{0};
}

SyscallResult SysSyncfs(Task& task, const SyscallArgs& args) {
  FL_TRY(task.files().Get(args.Int(0)));
  task.kernel().vfs().SyncAll();
  return uint64_t{0};
}

SyscallResult SysSyncFileRange(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(const std::shared_ptr<File> file, task.files().Get(args.Int(0)));
  if ((args.Uint(3) & ~7u) != 0 || args.I64(1) < 0 || args.I64(2) < 0 ||
      args.I64(1) > INT64_MAX - args.I64(2)) {
    return Errno::kEINVAL;
  }
  if (file->inode() == nullptr || file->Stat().mode >> 12 == kS_IFIFO >> 12) {
    return Errno::kESPIPE;
  }
  FL_TRY(file->Sync(task));
  return uint64_t{0};
}

}  // namespace faultline::os
