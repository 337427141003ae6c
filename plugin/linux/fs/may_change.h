#ifndef FAULTLINE_PLUGIN_LINUX_FS_MAY_CHANGE_H_
#define FAULTLINE_PLUGIN_LINUX_FS_MAY_CHANGE_H_

// Who may make and remove names, and what new files start with. Linux:
// may_create(), may_delete(), inode_init_owner() in fs/namei.c, fs/inode.c.

#include "guest_mm/base/errno.h"
#include "plugin/linux/fs/caller.h"
#include "plugin/linux/fs/inode.h"
#include "plugin/linux/fs/path.h"

namespace faultline::os {

enum class Directory : uint8_t { kNo, kYes };

// kEROFS if the mount is read-only.
ErrnoOr<Done> MayWriteMount(const Path& path);
// kENOENT if the directory was removed, kEACCES.
ErrnoOr<Done> MayCreateIn(const Caller& caller, const Path& dir);
// kEACCES; kEPERM in a sticky directory; kENOTDIR, kEISDIR if `victim` is not
// of the type wanted.
ErrnoOr<Done> MayDelete(const Caller& caller, const Path& dir,
                        const Path& victim, Directory wanted);
// Something is mounted on `child` of `dir`: the walk crossed into it.
bool IsMountPoint(const Path& dir, const Path& child);
// Owner, group and permissions (umask applied) of a file made in `dir`.
NewNode NewNodeIn(const Caller& caller, const Inode& dir, uint32_t mode);

// inode_owner_or_capable(): may change its mode and times.
bool OwnerOrCapable(const Caller& caller, const Inode& inode);
bool InGroup(const Credentials& cred, uint32_t gid);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FS_MAY_CHANGE_H_
