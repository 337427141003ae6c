// open(2) on a path. Linux: do_filp_open(), path_openat(), may_open() in
// fs/namei.c and do_dentry_open() in fs/open.c.

#include "plugin/linux/fs/may_change.h"
#include "plugin/linux/fs/namei.h"
#include "plugin/linux/fs/path_file.h"
#include "plugin/linux/fs/path_walk.h"
#include "plugin/linux/fs/vfs.h"

namespace faultline::os {
namespace {

// Flags that are of the call, not of the open file.
constexpr uint32_t kCallOnly =
    kO_CREAT | kO_EXCL | kO_NOCTTY | kO_TRUNC | kO_CLOEXEC;

unsigned AccessMask(uint32_t flags) {
  switch (flags & kO_ACCMODE) {
    case kO_RDONLY:
      return (flags & kO_TRUNC) != 0 ? kMayRead | kMayWrite : kMayRead;
    case kO_WRONLY:
      return kMayWrite;
    default:
      return kMayRead | kMayWrite;
  }
}

// may_open().
ErrnoOr<Done> MayOpen(const Caller& caller, const Path& path, uint32_t flags) {
  const Inode& inode = *path.inode();
  if (inode.is_symlink()) {
    return Errno::kELOOP;
  }
  const unsigned mask = AccessMask(flags);
  if (inode.is_dir() && (mask & kMayWrite) != 0) {
    return Errno::kEISDIR;
  }
  FL_TRY(PathPermission(caller, path, mask));
  if ((flags & kO_NOATIME) != 0 && !OwnerOrCapable(caller, inode)) {
    return Errno::kEPERM;
  }
  return kDone;
}

// What O_CREAT found or made.
struct Created {
  Path path;
  bool is_new = false;
};

ErrnoOr<Created> CreateOrFind(const Caller& caller, const Path& at,
                              absl::string_view path, const OpenHow& how) {
  PathWalk walk(caller, at, path, how.resolve);
  while (true) {
    FL_TRY(walk.ToParent());
    if (!walk.last_is_name() || walk.trailing_slash()) {
      return Errno::kEISDIR;
    }
    ErrnoOr<Path> found = walk.LookupLast();
    if (!found.ok() && found.error() == Errno::kENOENT) {
      const Path& dir = walk.dir();
      if (dir.inode()->fs().refuses_new_names()) {
        return Errno::kENOENT;
      }
      FL_TRY(MayWriteMount(dir));
      FL_TRY(MayCreateIn(caller, dir));
      FL_ASSIGN(const std::shared_ptr<Inode> inode,
                dir.inode()->Create(walk.last(),
                                    NewNodeIn(caller, *dir.inode(),
                                              kS_IFREG | (how.mode & 07777))));
      return Created{{dir.mount, dir.dentry->Child(walk.last(), inode)}, true};
    }
    if (!found.ok()) {
      return found.error();
    }
    if ((how.flags & kO_EXCL) != 0) {
      return Errno::kEEXIST;
    }
    if (found->inode()->is_symlink() && (how.flags & kO_NOFOLLOW) == 0) {
      FL_ASSIGN(const PathWalk::Followed followed, walk.FollowLast(*found));
      if (followed == PathWalk::Followed::kGoOn) {
        continue;
      }
      found = Path(walk.dir());
    }
    if (found->inode()->is_dir()) {
      return Errno::kEISDIR;
    }
    return Created{*std::move(found), false};
  }
}

ErrnoOr<std::shared_ptr<File>> OpenUnnamed(Vfs& vfs, const Caller& caller,
                                           const Path& at,
                                           absl::string_view path,
                                           const OpenHow& how) {
  FL_ASSIGN(const Path dir,
            LookupPath(caller, at, path, {Follow::kYes, how.resolve}));
  if (!dir.inode()->is_dir()) {
    return Errno::kENOTDIR;
  }
  FL_TRY(MayWriteMount(dir));
  FL_TRY(MayCreateIn(caller, dir));
  FL_ASSIGN(const std::shared_ptr<Inode> inode,
            dir.inode()->MakeUnnamed(NewNodeIn(caller, *dir.inode(),
                                               kS_IFREG | (how.mode & 07777))));
  const Path place{
      dir.mount, dir.dentry->Child("#" + std::to_string(inode->ino()), inode)};
  place.dentry->MarkDeleted();
  return vfs.OpenInode(caller, place, how.flags & ~(kCallOnly | kO_TMPFILE));
}

}  // namespace

ErrnoOr<std::shared_ptr<File>> OpenAt(Vfs& vfs, const Caller& caller,
                                      const Path& path, uint32_t flags) {
  const Inode& inode = *path.inode();
  if ((flags & kO_DIRECTORY) != 0 && !inode.is_dir()) {
    return Errno::kENOTDIR;
  }
  if ((flags & kO_PATH) != 0) {
    return std::shared_ptr<File>(std::make_shared<PathOnlyFile>(
        path, flags & (kO_PATH | kO_DIRECTORY | kO_NOFOLLOW)));
  }
  FL_TRY(MayOpen(caller, path, flags));
  FL_ASSIGN(std::shared_ptr<File> file,
            vfs.OpenInode(caller, path, flags & ~kCallOnly));
  if ((flags & kO_DIRECT) != 0 && !file->can_direct()) {
    return Errno::kEINVAL;
  }
  if ((flags & kO_TRUNC) != 0 && inode.is_regular()) {
    const mm::WriteGuard guard(path.inode()->rwsem);
    FL_TRY(path.inode()->Truncate(0));
  }
  return file;
}

ErrnoOr<std::shared_ptr<File>> OpenPath(Vfs& vfs, const Caller& caller,
                                        const Path& at, absl::string_view path,
                                        const OpenHow& how) {
  if ((how.flags & kO_TMPFILE) == kO_TMPFILE) {
    return OpenUnnamed(vfs, caller, at, path, how);
  }
  if ((how.flags & (kO_CREAT | kO_PATH)) == kO_CREAT) {
    FL_ASSIGN(const Created made, CreateOrFind(caller, at, path, how));
    if (made.is_new) {
      // A new file may be opened whatever its mode says.
      return vfs.OpenInode(caller, made.path, how.flags & ~kCallOnly);
    }
    return OpenAt(vfs, caller, made.path, how.flags);
  }
  const Follow follow =
      (how.flags & kO_NOFOLLOW) != 0 ? Follow::kNo : Follow::kYes;
  FL_ASSIGN(const Path found,
            LookupPath(caller, at, path, {follow, how.resolve}));
  return OpenAt(vfs, caller, found, how.flags);
}

ErrnoOr<std::shared_ptr<File>> OpenForExec(Vfs& vfs, const Caller& caller,
                                           const Path& at,
                                           absl::string_view path,
                                           Follow follow) {
  FL_ASSIGN(const Path found, LookupPath(caller, at, path, {follow, 0}));
  if (found.inode()->is_symlink()) {
    return Errno::kELOOP;
  }
  if (!found.inode()->is_regular()) {
    return Errno::kEACCES;
  }
  FL_TRY(found.inode()->Permission(caller, kMayExec));
  return vfs.OpenInode(caller, found, kO_RDONLY | kO_LARGEFILE);
}

}  // namespace faultline::os
