// read, write and their kin, lseek. Linux: fs/read_write.c.

#include "plugin/linux/fs/calls.h"
#include "plugin/linux/fs/fd_table.h"
#include "plugin/linux/fs/iov_iter.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

enum class Direction : uint8_t { kRead, kWrite };

// fdget() and the mode check.
ErrnoOr<std::shared_ptr<File>> GetFor(Task& task, int fd, Direction way) {
  FL_ASSIGN(std::shared_ptr<File> file, task.files().Get(fd));
  if (way == Direction::kRead ? !file->readable() : !file->writable()) {
    return Errno::kEBADF;
  }
  return file;
}

ErrnoOr<IovIter> OneBuffer(Task& task, uint64_t base, uint64_t length) {
  if (!task.user().AccessOk(base, length)) {  // of no bytes, too
    return Errno::kEFAULT;
  }
  if (int64_t(length) < 0) {
    return Errno::kEINVAL;
  }
  return IovIter::User(task.user(), base, length);
}

SyscallResult Transfer(Task& task, File& file, Direction way, IovIter& iter) {
  return way == Direction::kRead ? file.ReadIter(task, iter)
                                 : file.WriteIter(task, iter);
}

SyscallResult TransferAt(Task& task, File& file, Direction way, int64_t offset,
                         IovIter& iter) {
  if (offset < 0) {
    return Errno::kEINVAL;
  }
  return way == Direction::kRead
             ? file.ReadIterAt(task, uint64_t(offset), iter)
             : file.WriteIterAt(task, uint64_t(offset), iter);
}

SyscallResult Plain(Task& task, const SyscallArgs& args, Direction way) {
  FL_ASSIGN(const std::shared_ptr<File> file, GetFor(task, args.Int(0), way));
  FL_ASSIGN(IovIter iter, OneBuffer(task, args.Ptr(1), args.U64(2)));
  return Transfer(task, *file, way, iter);
}

SyscallResult Positioned(Task& task, const SyscallArgs& args, Direction way) {
  if (args.I64(3) < 0) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const std::shared_ptr<File> file, GetFor(task, args.Int(0), way));
  FL_ASSIGN(IovIter iter, OneBuffer(task, args.Ptr(1), args.U64(2)));
  return TransferAt(task, *file, way, args.I64(3), iter);
}

SyscallResult Vector(Task& task, const SyscallArgs& args, Direction way) {
  FL_ASSIGN(const std::shared_ptr<File> file, GetFor(task, args.Int(0), way));
  FL_ASSIGN(IovIter iter,
            IovIter::FromUserIovec(task.user(), args.Ptr(1), args.U64(2)));
  return Transfer(task, *file, way, iter);
}

// The position is one register on 64-bit machines; the next is ignored.
SyscallResult VectorAt(Task& task, const SyscallArgs& args, Direction way) {
  if (args.I64(3) < 0) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const std::shared_ptr<File> file, GetFor(task, args.Int(0), way));
  FL_ASSIGN(IovIter iter,
            IovIter::FromUserIovec(task.user(), args.Ptr(1), args.U64(2)));
  return TransferAt(task, *file, way, args.I64(3), iter);
}

// preadv2, pwritev2: position -1 means the file's own.
SyscallResult VectorWithFlags(Task& task, const SyscallArgs& args,
                              Direction way) {
  constexpr int kHipri = 1, kDsync = 2, kSync = 4, kNowait = 8, kAppend = 0x10,
                kNoappend = 0x20;
  const int flags = args.Int(5);
  const int known = kHipri | kDsync | kSync | kNowait |
                    (way == Direction::kWrite ? kAppend | kNoappend : 0);
  if ((flags & ~known) != 0 ||
      (flags & (kAppend | kNoappend)) == (kAppend | kNoappend)) {
    return Errno::kEOPNOTSUPP;
  }
  FL_ASSIGN(const std::shared_ptr<File> file, GetFor(task, args.Int(0), way));
  FL_ASSIGN(IovIter iter,
            IovIter::FromUserIovec(task.user(), args.Ptr(1), args.U64(2)));
  if ((flags & kAppend) != 0) {
    const uint64_t at = file->Stat().size;
    return TransferAt(task, *file, way, int64_t(at), iter);
  }
  return args.I64(3) == -1 ? Transfer(task, *file, way, iter)
                           : TransferAt(task, *file, way, args.I64(3), iter);
}

}  // namespace

SyscallResult SysRead(Task& task, const SyscallArgs& args) {
  return Plain(task, args, Direction::kRead);
}
SyscallResult SysWrite(Task& task, const SyscallArgs& args) {
  return Plain(task, args, Direction::kWrite);
}
SyscallResult SysPread64(Task& task, const SyscallArgs& args) {
  return Positioned(task, args, Direction::kRead);
}
SyscallResult SysPwrite64(Task& task, const SyscallArgs& args) {
  return Positioned(task, args, Direction::kWrite);
}
SyscallResult SysReadv(Task& task, const SyscallArgs& args) {
  return Vector(task, args, Direction::kRead);
}
SyscallResult SysWritev(Task& task, const SyscallArgs& args) {
  return Vector(task, args, Direction::kWrite);
}
SyscallResult SysPreadv(Task& task, const SyscallArgs& args) {
  return VectorAt(task, args, Direction::kRead);
}
SyscallResult SysPwritev(Task& task, const SyscallArgs& args) {
  return VectorAt(task, args, Direction::kWrite);
}
SyscallResult SysPreadv2(Task& task, const SyscallArgs& args) {
  return VectorWithFlags(task, args, Direction::kRead);
}
SyscallResult SysPwritev2(Task& task, const SyscallArgs& args) {
  return VectorWithFlags(task, args, Direction::kWrite);
}

SyscallResult SysLseek(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(const std::shared_ptr<File> file, task.files().Get(args.Int(0)));
  const unsigned whence = args.Uint(2);
  if (whence > 4) {
    return Errno::kEINVAL;
  }
  return file->Seek(args.I64(1), int(whence));
}

}  // namespace faultline::os
