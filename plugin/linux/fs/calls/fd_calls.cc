// dup, dup2, dup3, fcntl. Linux: fs/file.c, fs/fcntl.c.

#include "plugin/linux/abi.h"
#include "plugin/linux/fs/calls.h"
#include "plugin/linux/fs/calls/lock_calls.h"
#include "plugin/linux/fs/fd_table.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

enum FcntlCommand : int {
  kFDupfd = 0,
  kFGetfd = 1,
  kFSetfd = 2,
  kFGetfl = 3,
  kFSetfl = 4,
  kFGetlk = 5,
  kFSetlk = 6,
  kFSetlkw = 7,
  kFSetown = 8,
  kFGetown = 9,
  kFSetsig = 10,
  kFGetsig = 11,
  kFOfdGetlk = 36,
  kFOfdSetlk = 37,
  kFOfdSetlkw = 38,
  kFDupfdCloexec = 1030,
};
constexpr uint64_t kFdCloexec = 1;

uint64_t FdLimit(Task& task) {
  return task.process().rlimits[kRlimitNofile].soft;
}

SyscallResult Dupfd(Task& task, std::shared_ptr<File> file, uint64_t min,
                    CloseOnExec cloexec) {
  if (min >= FdLimit(task)) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const int fd, task.files().Install(std::move(file), cloexec,
                                               FdLimit(task), int(min)));
  return uint64_t(fd);
}

SyscallResult DupTo(Task& task, int old_fd, int new_fd, CloseOnExec cloexec) {
  if (new_fd < 0 || uint64_t(new_fd) >= FdLimit(task)) {
    return Errno::kEBADF;
  }
  FL_ASSIGN(std::shared_ptr<File> file, task.files().GetAny(old_fd));
  FL_ASSIGN(const int fd, task.files().InstallAt(new_fd, std::move(file),
                                                 cloexec, FdLimit(task)));
  return uint64_t(fd);
}

SyscallResult SetFlags(Task& task, File& file, uint32_t guest_flags) {
  constexpr uint32_t kSettable =
      kO_APPEND | kO_NONBLOCK | kO_DIRECT | kO_NOATIME | kO_ASYNC;
  const uint32_t wanted = task.abi().OpenFlagsIn(guest_flags);
  if ((wanted & kO_DIRECT) != 0 && !file.can_direct() && !file.is_pipe()) {
    return Errno::kEINVAL;
  }
  file.set_flags((file.flags() & ~kSettable) | (wanted & kSettable));
  return uint64_t{0};
}

bool WorksOnPathOnly(int command) {
  return command == kFDupfd || command == kFDupfdCloexec ||
         command == kFGetfd || command == kFSetfd || command == kFGetfl;
}

}  // namespace

ErrnoOr<int> InstallFd(Task& task, std::shared_ptr<File> file,
                       CloseOnExec cloexec) {
  return task.files().Install(std::move(file), cloexec, FdLimit(task));
}

SyscallResult SysDup(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(std::shared_ptr<File> file, task.files().GetAny(args.Int(0)));
  FL_ASSIGN(const int fd, InstallFd(task, std::move(file), CloseOnExec::kNo));
  return uint64_t(fd);
}

SyscallResult SysDup2(Task& task, const SyscallArgs& args) {
  if (args.Int(0) == args.Int(1)) {
    FL_TRY(task.files().GetAny(args.Int(0)));
    return uint64_t(args.Int(0));
  }
  return DupTo(task, args.Int(0), args.Int(1), CloseOnExec::kNo);
}

SyscallResult SysDup3(Task& task, const SyscallArgs& args) {
  const uint32_t flags = args.Uint(2);
  if ((flags & ~kO_CLOEXEC) != 0 || args.Int(0) == args.Int(1)) {
    return Errno::kEINVAL;
  }
  return DupTo(task, args.Int(0), args.Int(1),
               CloseOnExecIf((flags & kO_CLOEXEC) != 0));
}

SyscallResult SysFcntl(Task& task, const SyscallArgs& args) {
  const int fd = args.Int(0);
  const int command = args.Int(1);
  const uint64_t arg = args.U64(2);
  FL_ASSIGN(std::shared_ptr<File> file, task.files().GetAny(fd));
  if (file->is_path_only() && !WorksOnPathOnly(command)) {
    return Errno::kEBADF;
  }
  switch (command) {
    case kFDupfd:
    case kFDupfdCloexec:
      return Dupfd(task, std::move(file), uint32_t(arg),
                   CloseOnExecIf(command == kFDupfdCloexec));
    case kFGetfd: {
      FL_ASSIGN(const CloseOnExec cloexec, task.files().close_on_exec(fd));
      return cloexec == CloseOnExec::kYes ? kFdCloexec : uint64_t{0};
    }
    case kFSetfd:
      FL_TRY(
          task.files().set_close_on_exec(fd, CloseOnExecIf(arg & kFdCloexec)));
      return uint64_t{0};
    case kFGetfl:
      return uint64_t{task.abi().OpenFlagsOut(file->flags())};
    case kFSetfl:
      return SetFlags(task, *file, uint32_t(arg));
    case kFGetlk:
    case kFOfdGetlk:
      return FcntlGetLock(
          task, *file, arg,
          command == kFGetlk ? LockOwner::kTable : LockOwner::kFile);
    case kFSetlk:
    case kFSetlkw:
      return FcntlSetLock(task, *file, arg, LockOwner::kTable,
                          command == kFSetlk ? LockWait::kNo : LockWait::kYes);
    case kFOfdSetlk:
    case kFOfdSetlkw:
      return FcntlSetLock(
          task, *file, arg, LockOwner::kFile,
          command == kFOfdSetlk ? LockWait::kNo : LockWait::kYes);
    case kFSetown:
    case kFSetsig:
    case kFGetown:
    case kFGetsig:
      return uint64_t{0};  // nobody sends SIGIO here
    default:
      return file->Fcntl(task, command, arg);
  }
}

}  // namespace faultline::os
