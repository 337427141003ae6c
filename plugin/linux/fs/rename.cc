// renameat2(2). Linux: do_renameat2() and vfs_rename() in fs/namei.c.

#include "plugin/linux/fs/may_change.h"
#include "plugin/linux/fs/namei.h"
#include "plugin/linux/fs/path_walk.h"

namespace faultline::os {
namespace {

constexpr unsigned kRenameNoreplace = 1;
constexpr unsigned kRenameExchange = 2;

bool IsAncestor(const Dentry& above, const Dentry& below) {
  for (const Dentry* d = &below; d != nullptr; d = d->parent().get()) {
    if (d == &above) {
      return true;
    }
  }
  return false;
}

Directory TypeOf(const Path& path) {
  return path.inode()->is_dir() ? Directory::kYes : Directory::kNo;
}

struct Ends {
  PathWalk& from;
  PathWalk& to;
  Path source;
  Path target;  // no dentry: nothing stands there
};

// Both walks stand at their parents: finds what the last names lead to.
ErrnoOr<Ends> FindEnds(PathWalk& from, PathWalk& to, unsigned flags) {
  if (from.dir().mount != to.dir().mount) {
    return Errno::kEXDEV;
  }
  if (!from.last_is_name()) {
    return Errno::kEBUSY;
  }
  if (!to.last_is_name()) {
    return (flags & kRenameNoreplace) != 0 ? Errno::kEEXIST : Errno::kEBUSY;
  }
  FL_ASSIGN(Path source, from.LookupLast());
  Ends ends{from, to, std::move(source), {}};
  ErrnoOr<Path> target = to.LookupLast();
  if (target.ok()) {
    ends.target = *std::move(target);
  } else if (target.error() != Errno::kENOENT ||
             (flags & kRenameExchange) != 0) {
    return target.error();
  }
  return ends;
}

ErrnoOr<Done> CheckShape(const Ends& e, unsigned flags) {
  const bool exists = e.target.dentry != nullptr;
  if (exists && (flags & kRenameNoreplace) != 0) {
    return Errno::kEEXIST;
  }
  if (!e.source.inode()->is_dir()) {
    if (e.from.trailing_slash() ||
        ((flags & kRenameExchange) == 0 && e.to.trailing_slash())) {
      return Errno::kENOTDIR;
    }
  }
  if (IsAncestor(*e.source.dentry, *e.to.dir().dentry)) {
    return Errno::kEINVAL;
  }
  if (exists && IsAncestor(*e.target.dentry, *e.from.dir().dentry)) {
    return (flags & kRenameExchange) != 0 ? Errno::kEINVAL : Errno::kENOTEMPTY;
  }
  return kDone;
}

ErrnoOr<Done> CheckPermission(const Caller& caller, const Ends& e,
                              unsigned flags) {
  FL_TRY(MayWriteMount(e.from.dir()));
  const Directory type = TypeOf(e.source);
  FL_TRY(MayDelete(caller, e.from.dir(), e.source, type));
  if (e.target.dentry == nullptr) {
    FL_TRY(MayCreateIn(caller, e.to.dir()));
  } else {
    FL_TRY(MayDelete(caller, e.to.dir(), e.target,
                     (flags & kRenameExchange) != 0 ? TypeOf(e.target) : type));
  }
  // A directory that moves has its ".." rewritten.
  if (e.from.dir().dentry != e.to.dir().dentry && type == Directory::kYes) {
    FL_TRY(e.source.inode()->Permission(caller, kMayWrite));
  }
  if (IsMountPoint(e.from.dir(), e.source) ||
      (e.target.dentry != nullptr && IsMountPoint(e.to.dir(), e.target))) {
    return Errno::kEBUSY;
  }
  return kDone;
}

}  // namespace

ErrnoOr<Done> RenamePath(const Caller& caller, const Path& old_at,
                         absl::string_view old_path, const Path& new_at,
                         absl::string_view new_path, unsigned flags) {
  if ((flags & ~(kRenameNoreplace | kRenameExchange)) != 0 ||
      flags == (kRenameNoreplace | kRenameExchange)) {
    return Errno::kEINVAL;
  }
  PathWalk from(caller, old_at, old_path, 0);
  FL_TRY(from.ToParent());
  PathWalk to(caller, new_at, new_path, 0);
  FL_TRY(to.ToParent());
  FL_ASSIGN(const Ends e, FindEnds(from, to, flags));
  FL_TRY(CheckShape(e, flags));
  if (e.target.dentry != nullptr && e.source.inode() == e.target.inode()) {
    return kDone;  // two names of one file: Linux does nothing
  }
  FL_TRY(CheckPermission(caller, e, flags));
  const bool exchange = (flags & kRenameExchange) != 0;
  const Inode::RenameTo there{
      *to.dir().inode(), to.last(),
      e.target.dentry == nullptr ? nullptr : e.target.inode().get(), exchange};
  FL_TRY(from.dir().inode()->Rename(from.last(), *e.source.inode(), there));
  if (exchange) {
    Dentry::Exchange(*e.source.dentry, *e.target.dentry);
  } else {
    e.source.dentry->MoveTo(to.dir().dentry, to.last());
  }
  return kDone;
}

}  // namespace faultline::os
