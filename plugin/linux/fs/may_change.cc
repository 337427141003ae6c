#include "plugin/linux/fs/may_change.h"

#include <algorithm>

#include "plugin/linux/fs/capability.h"
#include "plugin/linux/fs/fs_context.h"

namespace faultline::os {

ErrnoOr<Done> MayWriteMount(const Path& path) {
  if (path.mount->read_only == ReadOnly::kYes) {
    return Errno::kEROFS;
  }
  return kDone;
}

ErrnoOr<Done> MayCreateIn(const Caller& caller, const Path& dir) {
  if (dir.inode()->nlink() == 0) {
    return Errno::kENOENT;
  }
  return dir.inode()->Permission(caller, kMayWrite | kMayExec);
}

ErrnoOr<Done> MayDelete(const Caller& caller, const Path& dir,
                        const Path& victim, Directory wanted) {
  const Inode& parent = *dir.inode();
  const Inode& inode = *victim.inode();
  FL_TRY(dir.inode()->Permission(caller, kMayWrite | kMayExec));
  if ((parent.mode() & kS_ISVTX) != 0 && caller.cred.fsuid != inode.uid() &&
      caller.cred.fsuid != parent.uid() && !caller.cred.HasCap(kCapFowner)) {
    return Errno::kEPERM;
  }
  if (wanted == Directory::kYes && !inode.is_dir()) {
    return Errno::kENOTDIR;
  }
  if (wanted == Directory::kNo && inode.is_dir()) {
    return Errno::kEISDIR;
  }
  return kDone;
}

bool IsMountPoint(const Path& dir, const Path& child) {
  return child.mount != dir.mount;
}

NewNode NewNodeIn(const Caller& caller, const Inode& dir, uint32_t mode) {
  NewNode what;
  what.mode = mode & (kS_IFMT | (07777 & ~caller.fs.umask()));
  if ((mode & kS_IFMT) == kS_IFLNK) {
    what.mode = kS_IFLNK | 0777;
  }
  what.uid = caller.cred.fsuid;
  what.gid = caller.cred.fsgid;
  if ((dir.mode() & kS_ISGID) != 0) {
    what.gid = dir.gid();
    if ((mode & kS_IFMT) == kS_IFDIR) {
      what.mode |= kS_ISGID;
    }
  }
  return what;
}

bool OwnerOrCapable(const Caller& caller, const Inode& inode) {
  return caller.cred.fsuid == inode.uid() || caller.cred.HasCap(kCapFowner);
}

bool InGroup(const Credentials& cred, uint32_t gid) {
  return cred.fsgid == gid || std::find(cred.groups.begin(), cred.groups.end(),
                                        gid) != cred.groups.end();
}

}  // namespace faultline::os
