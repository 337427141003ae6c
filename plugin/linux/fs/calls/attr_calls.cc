// chmod, chown and their kin. Linux: fs/open.c, fs/attr.c setattr_prepare().

#include "plugin/linux/fs/calls.h"
#include "plugin/linux/fs/calls/at.h"
#include "plugin/linux/fs/capability.h"
#include "plugin/linux/fs/may_change.h"
#include "plugin/linux/fs/vfs.h"
#include "plugin/linux/kernel.h"

namespace faultline::os {
namespace {

SyscallResult Answer(const ErrnoOr<Done>& done) {
  return done.ok() ? SyscallResult(uint64_t{0}) : done.error();
}

SyscallResult Chmod(Task& task, const Path& path, uint32_t mode) {
  const Caller caller = CallerOf(task);
  FL_TRY(MayWriteMount(path));
  if (path.inode()->is_symlink()) {
    return Errno::kEOPNOTSUPP;
  }
  if (!OwnerOrCapable(caller, *path.inode())) {
    return Errno::kEPERM;
  }
  AttrChange change;
  change.mode = mode & 07777;
  if (!InGroup(caller.cred, path.inode()->gid()) &&
      !caller.cred.HasCap(kCapFsetid)) {
    change.mode = *change.mode & ~kS_ISGID;
  }
  return Answer(path.inode()->SetAttr(change));
}

SyscallResult Chown(Task& task, const Path& path, uint32_t uid, uint32_t gid) {
  constexpr uint32_t kUnchanged = ~uint32_t{0};
  const Credentials& cred = task.cred();
  Inode& inode = *path.inode();
  FL_TRY(MayWriteMount(path));
  if (!cred.HasCap(kCapChown)) {
    const bool owner = cred.fsuid == inode.uid();
    if ((uid != kUnchanged && (!owner || uid != inode.uid())) ||
        (gid != kUnchanged &&
         (!owner || !(InGroup(cred, gid) || gid == inode.gid())))) {
      return Errno::kEPERM;
    }
  }
  AttrChange change;
  if (uid != kUnchanged) {
    change.uid = uid;
  }
  if (gid != kUnchanged) {
    change.gid = gid;
  }
  // A new owner does not inherit set-id bits (ATTR_KILL_SUID, KILL_SGID).
  if (!inode.is_dir()) {
    uint32_t mode = inode.mode() & 07777 & ~kS_ISUID;
    if ((mode & 0010) != 0) {
      mode &= ~kS_ISGID;
    }
    if (mode != (inode.mode() & 07777)) {
      change.mode = mode;
    }
  }
  return Answer(inode.SetAttr(change));
}

ErrnoOr<Path> PathOfFd(Task& task, int fd) {
  FL_ASSIGN(const std::shared_ptr<File> file, task.files().Get(fd));
  return task.kernel().vfs().PathOfFile(file);
}

SyscallResult ChmodAt(Task& task, int dirfd, uint64_t user_path, uint32_t mode,
                      int flags) {
  if ((flags & ~(kAtSymlinkNofollow | kAtEmptyPath)) != 0) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const Path path, LookupAt(task, dirfd, user_path, flags));
  return Chmod(task, path, mode);
}

SyscallResult ChownAt(Task& task, int dirfd, uint64_t user_path, uint32_t uid,
                      uint32_t gid, int flags) {
  if ((flags & ~(kAtSymlinkNofollow | kAtEmptyPath)) != 0) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const Path path, LookupAt(task, dirfd, user_path, flags));
  return Chown(task, path, uid, gid);
}

}  // namespace

SyscallResult SysChmod(Task& task, const SyscallArgs& args) {
  return ChmodAt(task, kAtFdCwd, args.Ptr(0), args.Uint(1), 0);
}
SyscallResult SysFchmod(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(const Path path, PathOfFd(task, args.Int(0)));
  return Chmod(task, path, args.Uint(1));
}
SyscallResult SysFchmodat(Task& task, const SyscallArgs& args) {
  return ChmodAt(task, args.Int(0), args.Ptr(1), args.Uint(2), 0);
}
SyscallResult SysFchmodat2(Task& task, const SyscallArgs& args) {
  return ChmodAt(task, args.Int(0), args.Ptr(1), args.Uint(2), args.Int(3));
}
SyscallResult SysChown(Task& task, const SyscallArgs& args) {
  return ChownAt(task, kAtFdCwd, args.Ptr(0), args.Uint(1), args.Uint(2), 0);
}
SyscallResult SysLchown(Task& task, const SyscallArgs& args) {
  return ChownAt(task, kAtFdCwd, args.Ptr(0), args.Uint(1), args.Uint(2),
                 kAtSymlinkNofollow);
}
SyscallResult SysFchown(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(const Path path, PathOfFd(task, args.Int(0)));
  return Chown(task, path, args.Uint(1), args.Uint(2));
}
SyscallResult SysFchownat(Task& task, const SyscallArgs& args) {
  return ChownAt(task, args.Int(0), args.Ptr(1), args.Uint(2), args.Uint(3),
                 args.Int(4));
}

}  // namespace faultline::os
