#include "plugin/linux/fs/namei.h"

#include "plugin/linux/fs/capability.h"
#include "plugin/linux/fs/fs_context.h"
#include "plugin/linux/fs/may_change.h"
#include "plugin/linux/fs/path_walk.h"

namespace faultline::os {

ErrnoOr<Path> LookupPath(const Caller& caller, const Path& at,
                         absl::string_view path, const WalkOptions& options) {
  return PathWalk(caller, at, path, options.resolve).All(options.follow);
}

ErrnoOr<Done> PathPermission(const Caller& caller, const Path& path,
                             unsigned mask) {
  if ((mask & kMayWrite) != 0) {
    const uint32_t type = path.inode()->type();
    if (type == kS_IFREG || type == kS_IFDIR || type == kS_IFLNK) {
      FL_TRY(MayWriteMount(path));
    }
  }
  return path.inode()->Permission(caller, mask);
}

ErrnoOr<Done> MakeNode(const Caller& caller, const Path& at,
                       absl::string_view path, uint32_t mode, DevId rdev,
                       absl::string_view target) {
  PathWalk walk(caller, at, path, 0);
  FL_TRY(walk.ToParent());
  if (!walk.last_is_name()) {
    return Errno::kEEXIST;
  }
  const ErrnoOr<Path> existing = walk.LookupLast();
  if (existing.ok()) {
    return Errno::kEEXIST;
  }
  if (existing.error() != Errno::kENOENT) {
    return existing.error();
  }
  const uint32_t type = mode & kS_IFMT;
  if (walk.trailing_slash() && type != kS_IFDIR) {
    return Errno::kENOENT;
  }
  if (walk.dir().inode()->fs().refuses_new_names()) {
    return Errno::kENOENT;
  }
  FL_TRY(MayWriteMount(walk.dir()));
  FL_TRY(MayCreateIn(caller, walk.dir()));
  if ((type == kS_IFCHR || type == kS_IFBLK) &&
      !caller.cred.HasCap(kCapMknod)) {
    return Errno::kEPERM;
  }
  NewNode what = NewNodeIn(caller, *walk.dir().inode(), mode);
  what.rdev = rdev;
  what.target = std::string(target);
  FL_TRY(walk.dir().inode()->Create(walk.last(), what));
  return kDone;
}

namespace {

// What unlink and rmdir share once the walk stands at the parent.
ErrnoOr<Done> RemoveLast(const Caller& caller, PathWalk& walk,
                         Directory victim_is) {
  FL_ASSIGN(const Path victim, walk.LookupLast());
  if (victim_is == Directory::kNo && walk.trailing_slash()) {
    return victim.inode()->is_dir() ? Errno::kEISDIR : Errno::kENOTDIR;
  }
  FL_TRY(MayWriteMount(walk.dir()));
  FL_TRY(MayDelete(caller, walk.dir(), victim, victim_is));
  if (IsMountPoint(walk.dir(), victim)) {
    return Errno::kEBUSY;
  }
  FL_TRY(walk.dir().inode()->Unlink(walk.last(), *victim.inode()));
  victim.dentry->MarkDeleted();
  return kDone;
}

}  // namespace

ErrnoOr<Done> UnlinkPath(const Caller& caller, const Path& at,
                         absl::string_view path) {
  PathWalk walk(caller, at, path, 0);
  FL_TRY(walk.ToParent());
  if (!walk.last_is_name()) {
    return Errno::kEISDIR;
  }
  return RemoveLast(caller, walk, Directory::kNo);
}

ErrnoOr<Done> RemoveDir(const Caller& caller, const Path& at,
                        absl::string_view path) {
  PathWalk walk(caller, at, path, 0);
  FL_TRY(walk.ToParent());
  if (walk.last().empty()) {
    return Errno::kEBUSY;
  }
  if (walk.last() == ".") {
    return Errno::kEINVAL;
  }
  if (walk.last() == "..") {
    return Errno::kENOTEMPTY;
  }
  return RemoveLast(caller, walk, Directory::kYes);
}

ErrnoOr<Done> LinkPath(const Caller& caller, const Path& from, const Path& at,
                       absl::string_view path) {
  PathWalk walk(caller, at, path, 0);
  FL_TRY(walk.ToParent());
  if (!walk.last_is_name()) {
    return Errno::kEEXIST;
  }
  const ErrnoOr<Path> existing = walk.LookupLast();
  if (existing.ok()) {
    return Errno::kEEXIST;
  }
  if (existing.error() != Errno::kENOENT) {
    return existing.error();
  }
  if (walk.trailing_slash()) {
    return Errno::kENOENT;
  }
  FL_TRY(MayWriteMount(walk.dir()));
  if (walk.dir().mount != from.mount) {
    return Errno::kEXDEV;
  }
  FL_TRY(MayCreateIn(caller, walk.dir()));
  if (from.inode()->is_dir()) {
    return Errno::kEPERM;
  }
  return walk.dir().inode()->Link(walk.last(), from.inode());
}

}  // namespace faultline::os
