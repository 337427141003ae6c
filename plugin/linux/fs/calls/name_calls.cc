// mkdir, rmdir, unlink, rename, link, symlink, readlink, mknod and their *at
// forms. Linux: fs/namei.c, fs/stat.c.

#include <algorithm>

#include "plugin/linux/fs/calls.h"
#include "plugin/linux/fs/calls/at.h"
#include "plugin/linux/fs/capability.h"
#include "plugin/linux/fs/vfs.h"
#include "plugin/linux/kernel.h"

namespace faultline::os {
namespace {

SyscallResult Answer(const ErrnoOr<Done>& done) {
  return done.ok() ? SyscallResult(uint64_t{0}) : done.error();
}

SyscallResult Mkdir(Task& task, int dirfd, uint64_t path, uint32_t mode) {
  FL_ASSIGN(const AtPath at, GetAtPath(task, dirfd, path));
  return Answer(
      MakeNode(CallerOf(task), at.start, at.path, kS_IFDIR | (mode & 01777)));
}

SyscallResult Mknod(Task& task, int dirfd, uint64_t path, uint32_t mode,
                    uint32_t dev) {
  switch (mode & kS_IFMT) {
    case 0:
      mode |= kS_IFREG;
      break;
    case kS_IFREG:
    case kS_IFCHR:
    case kS_IFBLK:
    case kS_IFIFO:
    case kS_IFSOCK:
      break;
    case kS_IFDIR:
      return Errno::kEPERM;
    default:
      return Errno::kEINVAL;
  }
  FL_ASSIGN(const AtPath at, GetAtPath(task, dirfd, path));
  return Answer(
      MakeNode(CallerOf(task), at.start, at.path, mode, DevId::Decode(dev)));
}

SyscallResult Unlink(Task& task, int dirfd, uint64_t path, int flags) {
  if ((flags & ~kAtRemovedir) != 0) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const AtPath at, GetAtPath(task, dirfd, path));
  return Answer((flags & kAtRemovedir) != 0
                    ? RemoveDir(CallerOf(task), at.start, at.path)
                    : UnlinkPath(CallerOf(task), at.start, at.path));
}

SyscallResult Rename(Task& task, int old_fd, uint64_t old_path, int new_fd,
                     uint64_t new_path, unsigned flags) {
  constexpr unsigned kWhiteout = 4;
  if ((flags & kWhiteout) != 0) {
    return Errno::kEINVAL;  // overlayfs' business
  }
  FL_ASSIGN(const AtPath from, GetAtPath(task, old_fd, old_path));
  FL_ASSIGN(const AtPath to, GetAtPath(task, new_fd, new_path));
  return Answer(RenamePath(CallerOf(task), from.start, from.path, to.start,
                           to.path, flags));
}

SyscallResult Link(Task& task, int old_fd, uint64_t old_path, int new_fd,
                   uint64_t new_path, int flags) {
  if ((flags & ~(kAtSymlinkFollow | kAtEmptyPath)) != 0) {
    return Errno::kEINVAL;
  }
  if ((flags & kAtEmptyPath) != 0 && !task.cred().HasCap(kCapDacReadSearch)) {
    return Errno::kENOENT;
  }
  const int lookup = (flags & kAtSymlinkFollow) != 0
                         ? flags & kAtEmptyPath
                         : (flags & kAtEmptyPath) | kAtSymlinkNofollow;
  FL_ASSIGN(const Path from, LookupAt(task, old_fd, old_path, lookup));
  FL_ASSIGN(const AtPath to, GetAtPath(task, new_fd, new_path));
  return Answer(LinkPath(CallerOf(task), from, to.start, to.path));
}

SyscallResult Symlink(Task& task, uint64_t target, int dirfd, uint64_t path) {
  FL_ASSIGN(const std::string text, GetPath(task, target));
  if (text.empty()) {
    return Errno::kENOENT;
  }
  FL_ASSIGN(const AtPath at, GetAtPath(task, dirfd, path));
  return Answer(
      MakeNode(CallerOf(task), at.start, at.path, kS_IFLNK, {}, text));
}

SyscallResult Readlink(Task& task, int dirfd, uint64_t path, uint64_t out,
                       int size) {
  if (size <= 0) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const Path link,
            LookupAt(task, dirfd, path, kAtSymlinkNofollow | kAtEmptyPath));
  if (!link.inode()->is_symlink()) {
    // An empty path names the descriptor itself: not a link, no such name.
    FL_ASSIGN(const std::string text, GetPath(task, path));
    return text.empty() ? Errno::kENOENT : Errno::kEINVAL;
  }
  FL_ASSIGN(const std::string target, link.inode()->ReadLink(CallerOf(task)));
  const size_t n = std::min(target.size(), size_t(size));
  if (task.user().CopyTo(
          out, absl::MakeConstSpan(
                   reinterpret_cast<const std::byte*>(target.data()), n)) !=
      0) {
    return Errno::kEFAULT;
  }
  return uint64_t{n};
}

}  // namespace

SyscallResult SysMkdir(Task& task, const SyscallArgs& args) {
  return Mkdir(task, kAtFdCwd, args.Ptr(0), args.Uint(1));
}
SyscallResult SysMkdirat(Task& task, const SyscallArgs& args) {
  return Mkdir(task, args.Int(0), args.Ptr(1), args.Uint(2));
}
SyscallResult SysMknod(Task& task, const SyscallArgs& args) {
  return Mknod(task, kAtFdCwd, args.Ptr(0), args.Uint(1), args.Uint(2));
}
SyscallResult SysMknodat(Task& task, const SyscallArgs& args) {
  return Mknod(task, args.Int(0), args.Ptr(1), args.Uint(2), args.Uint(3));
}
SyscallResult SysRmdir(Task& task, const SyscallArgs& args) {
  return Unlink(task, kAtFdCwd, args.Ptr(0), kAtRemovedir);
}
SyscallResult SysUnlink(Task& task, const SyscallArgs& args) {
  return Unlink(task, kAtFdCwd, args.Ptr(0), 0);
}
SyscallResult SysUnlinkat(Task& task, const SyscallArgs& args) {
  return Unlink(task, args.Int(0), args.Ptr(1), args.Int(2));
}
SyscallResult SysRename(Task& task, const SyscallArgs& args) {
  return Rename(task, kAtFdCwd, args.Ptr(0), kAtFdCwd, args.Ptr(1), 0);
}
SyscallResult SysRenameat(Task& task, const SyscallArgs& args) {
  return Rename(task, args.Int(0), args.Ptr(1), args.Int(2), args.Ptr(3), 0);
}
SyscallResult SysRenameat2(Task& task, const SyscallArgs& args) {
  return Rename(task, args.Int(0), args.Ptr(1), args.Int(2), args.Ptr(3),
                args.Uint(4));
}
SyscallResult SysLink(Task& task, const SyscallArgs& args) {
  return Link(task, kAtFdCwd, args.Ptr(0), kAtFdCwd, args.Ptr(1), 0);
}
SyscallResult SysLinkat(Task& task, const SyscallArgs& args) {
  return Link(task, args.Int(0), args.Ptr(1), args.Int(2), args.Ptr(3),
              args.Int(4));
}
SyscallResult SysSymlink(Task& task, const SyscallArgs& args) {
  return Symlink(task, args.Ptr(0), kAtFdCwd, args.Ptr(1));
}
SyscallResult SysSymlinkat(Task& task, const SyscallArgs& args) {
  return Symlink(task, args.Ptr(0), args.Int(1), args.Ptr(2));
}
SyscallResult SysReadlink(Task& task, const SyscallArgs& args) {
  return Readlink(task, kAtFdCwd, args.Ptr(0), args.Ptr(1), args.Int(2));
}
SyscallResult SysReadlinkat(Task& task, const SyscallArgs& args) {
  return Readlink(task, args.Int(0), args.Ptr(1), args.Ptr(2), args.Int(3));
}

}  // namespace faultline::os
