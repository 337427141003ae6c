// open, openat, openat2, creat, close, close_range. Linux: fs/open.c.

#include <algorithm>
#include <array>

#include "plugin/linux/abi.h"
#include "plugin/linux/fs/calls.h"
#include "plugin/linux/fs/calls/at.h"
#include "plugin/linux/kernel.h"

namespace faultline::os {
namespace {

// Every flag that open(2) knows; it ignores the others, openat2 refuses them.
constexpr uint32_t kKnownFlags =
    kO_ACCMODE | kO_CREAT | kO_EXCL | kO_NOCTTY | kO_TRUNC | kO_APPEND |
    kO_NONBLOCK | kO_SYNC | kO_ASYNC | kO_DIRECT | kO_LARGEFILE | kO_DIRECTORY |
    kO_NOFOLLOW | kO_NOATIME | kO_CLOEXEC | kO_PATH | kO_TMPFILE;
constexpr uint32_t kPathFlags =
    kO_PATH | kO_DIRECTORY | kO_NOFOLLOW | kO_CLOEXEC;
constexpr uint32_t kTmpfileOnly = kO_TMPFILE & ~kO_DIRECTORY;

// build_open_flags(): combinations that mean nothing.
ErrnoOr<Done> CheckFlags(uint32_t flags) {
  if ((flags & kTmpfileOnly) != 0) {
    if ((flags & kO_TMPFILE) != kO_TMPFILE || (flags & kO_CREAT) != 0 ||
        (flags & kO_ACCMODE) == kO_RDONLY) {
      return Errno::kEINVAL;
    }
  }
  // Since 6.4 both together are refused.
  if ((flags & (kO_CREAT | kO_DIRECTORY | kO_PATH)) ==
      (kO_CREAT | kO_DIRECTORY)) {
    return Errno::kEINVAL;
  }
  return kDone;
}

SyscallResult DoOpen(Task& task, int dirfd, uint64_t user_path, OpenHow how) {
  FL_TRY(CheckFlags(how.flags));
  FL_ASSIGN(const std::string path, GetPath(task, user_path));
  FL_ASSIGN(const Path start, StartOf(task, dirfd, path));
  FL_ASSIGN(std::shared_ptr<File> file,
            OpenPath(task.kernel().vfs(), CallerOf(task), start, path, how));
  FL_ASSIGN(const int fd,
            InstallFd(task, std::move(file),
                      CloseOnExecIf((how.flags & kO_CLOEXEC) != 0)));
  return uint64_t(fd);
}

// open(2) forgives what openat2(2) does not.
SyscallResult ForgivingOpen(Task& task, int dirfd, uint64_t user_path,
                            uint32_t guest_flags, uint32_t mode) {
  OpenHow how;
  how.flags = task.abi().OpenFlagsIn(guest_flags) & kKnownFlags;
  if ((how.flags & kO_PATH) != 0) {
    how.flags &= kPathFlags;
  }
  how.mode = mode & 07777;
  return DoOpen(task, dirfd, user_path, how);
}

}  // namespace

SyscallResult SysOpen(Task& task, const SyscallArgs& args) {
  return ForgivingOpen(task, kAtFdCwd, args.Ptr(0), args.Uint(1), args.Uint(2));
}

SyscallResult SysOpenat(Task& task, const SyscallArgs& args) {
  return ForgivingOpen(task, args.Int(0), args.Ptr(1), args.Uint(2),
                       args.Uint(3));
}

SyscallResult SysCreat(Task& task, const SyscallArgs& args) {
  OpenHow how;
  how.flags = kO_CREAT | kO_WRONLY | kO_TRUNC;
  how.mode = args.Uint(1) & 07777;
  return DoOpen(task, kAtFdCwd, args.Ptr(0), how);
}

SyscallResult SysOpenat2(Task& task, const SyscallArgs& args) {
  struct UserHow {
    uint64_t flags, mode, resolve;
  } user_how = {};
  const uint64_t size = args.U64(3);
  if (size < sizeof user_how) {
    return Errno::kEINVAL;
  }
  if (size > 4096) {
    return Errno::kE2BIG;
  }
  FL_ASSIGN(user_how, task.user().Get<UserHow>(args.Ptr(2)));
  // A longer structure from the future is fine as long as it says nothing.
  for (uint64_t at = sizeof user_how; at < size; ++at) {
    FL_ASSIGN(const uint8_t byte, task.user().Get<uint8_t>(args.Ptr(2) + at));
    if (byte != 0) {
      return Errno::kE2BIG;
    }
  }
  OpenHow how;
  how.flags = task.abi().OpenFlagsIn(uint32_t(user_how.flags));
  how.mode = uint32_t(user_how.mode);
  how.resolve = user_how.resolve;
  const bool creates =
      (how.flags & kO_CREAT) != 0 || (how.flags & kTmpfileOnly) != 0;
  constexpr uint64_t kResolveKnown = 0x3f;
  if (user_how.flags >> 32 != 0 || (how.flags & ~kKnownFlags) != 0 ||
      (user_how.mode & ~uint64_t{07777}) != 0 ||
      (user_how.mode != 0 && !creates) || (how.resolve & ~kResolveKnown) != 0 ||
      ((how.flags & kO_PATH) != 0 && (how.flags & ~kPathFlags) != 0) ||
      (how.resolve & (kResolveBeneath | kResolveInRoot)) ==
          (kResolveBeneath | kResolveInRoot)) {
    return Errno::kEINVAL;
  }
  return DoOpen(task, args.Int(0), args.Ptr(1), how);
}

SyscallResult SysClose(Task& task, const SyscallArgs& args) {
  FL_TRY(task.files().Close(args.Int(0)));
  return uint64_t{0};
}

SyscallResult SysCloseRange(Task& task, const SyscallArgs& args) {
  constexpr unsigned kUnshare = 2, kCloexec = 4;
  const unsigned first = args.Uint(0), last = args.Uint(1),
                 flags = args.Uint(2);
  if ((flags & ~(kUnshare | kCloexec)) != 0 || first > last) {
    return Errno::kEINVAL;
  }
  if ((flags & kUnshare) != 0) {
    FL_ASSIGN(task.shared.files, task.files().Copy());
  }
  FdTable& files = task.files();
  for (const int fd : files.List()) {
    if (unsigned(fd) < first || unsigned(fd) > last) {
      continue;
    }
    if ((flags & kCloexec) != 0) {
      (void)files.set_close_on_exec(fd, CloseOnExec::kYes);
    } else {
      (void)files.Close(fd);
    }
  }
  return uint64_t{0};
}

}  // namespace faultline::os
