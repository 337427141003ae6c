#include "plugin/linux/fs/path_walk.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "plugin/linux/fs/fs_context.h"

namespace faultline::os {

PathWalk::PathWalk(const Caller& caller, const Path& at, absl::string_view path,
                   uint64_t resolve)
    : caller_(caller),
      resolve_(resolve),
      root_((resolve & kResolveInRoot) != 0 ? at : caller.fs.root()),
      at_(at),
      rest_(path) {
  if (path.empty()) {
    early_error_ = Errno::kENOENT;
  } else if (path.size() >= kPathMax) {
    early_error_ = Errno::kENAMETOOLONG;
  } else if ((resolve & kResolveBeneath) != 0) {
    root_ = at;
  }
  if (early_error_ == Errno::kOk && path[0] == '/') {
    if (const ErrnoOr<Done> r = JumpToRoot(); !r.ok()) {
      early_error_ = r.error();
    }
  }
}

ErrnoOr<Done> PathWalk::JumpToRoot() {
  if ((resolve_ & kResolveBeneath) != 0 ||
      ((resolve_ & kResolveNoXdev) != 0 && root_.mount != at_.mount)) {
    return Errno::kEXDEV;
  }
  at_ = root_;
  return kDone;
}

ErrnoOr<Done> PathWalk::ToParent() {
  if (early_error_ != Errno::kOk) {
    return early_error_;
  }
  while (true) {
    const size_t begin = rest_.find_first_not_of('/');
    if (begin == std::string::npos) {
      last_.clear();  // "/", or a link to it
      trailing_slash_ = true;
      return kDone;
    }
    const size_t end = rest_.find('/', begin);
    std::string name = rest_.substr(begin, end - begin);
    const size_t more = end == std::string::npos
                            ? std::string::npos
                            : rest_.find_first_not_of('/', end);
    trailing_slash_ = end != std::string::npos;
    if (more == std::string::npos) {
      last_ = std::move(name);
      rest_.assign(trailing_slash_ ? 1 : 0, '/');
      return kDone;
    }
    rest_.erase(0, more);
    FL_TRY(Step(name));
  }
}

ErrnoOr<Path> PathWalk::LookupName(absl::string_view name) {
  const std::shared_ptr<Inode> dir = at_.inode();
  if (!dir->is_dir()) {
    return Errno::kENOTDIR;
  }
  FL_TRY(dir->Permission(caller_, kMayExec));
  if (name.size() > kNameMax) {
    return Errno::kENAMETOOLONG;
  }
  FL_ASSIGN(const std::shared_ptr<Inode> inode, dir->Lookup(caller_, name));
  Path found{at_.mount, at_.dentry->Child(name, inode)};
  while (Mount* mount = found.dentry->mounted()) {
    if ((resolve_ & kResolveNoXdev) != 0) {
      return Errno::kEXDEV;
    }
    found = {mount, mount->root};
  }
  return found;
}

ErrnoOr<Done> PathWalk::DotDot() {
  if (!at_.inode()->is_dir()) {
    return Errno::kENOTDIR;
  }
  FL_TRY(at_.inode()->Permission(caller_, kMayExec));
  if (at_ == root_) {
    if ((resolve_ & kResolveBeneath) != 0) {
      return Errno::kEXDEV;
    }
    return kDone;
  }
  // Out of mounts, as far as we stand at their roots.
  while (at_.dentry == at_.mount->root && at_.mount->parent != nullptr) {
    if ((resolve_ & kResolveNoXdev) != 0) {
      return Errno::kEXDEV;
    }
    at_ = Path(at_.mount->mountpoint);
    if (at_ == root_) {
      return kDone;
    }
  }
  if (!at_.dentry->is_root()) {
    at_.dentry = std::shared_ptr<Dentry>(at_.dentry->parent());
  }
  while (Mount* mount = at_.dentry->mounted()) {
    at_ = {mount, mount->root};
  }
  return kDone;
}

ErrnoOr<PathWalk::Followed> PathWalk::Step(absl::string_view name) {
  if (name == ".") {
    if (!at_.inode()->is_dir()) {
      return Errno::kENOTDIR;
    }
    FL_TRY(at_.inode()->Permission(caller_, kMayExec));
    return Followed::kArrived;
  }
  if (name == "..") {
    FL_TRY(DotDot());
    return Followed::kArrived;
  }
  FL_ASSIGN(Path found, LookupName(name));
  if (found.inode()->is_symlink()) {
    return FollowLink(found);
  }
  at_ = std::move(found);
  return Followed::kArrived;
}

ErrnoOr<PathWalk::Followed> PathWalk::FollowLink(const Path& link) {
  if (++links_ > kMaxLinks || (resolve_ & kResolveNoSymlinks) != 0) {
    return Errno::kELOOP;
  }
  FL_ASSIGN(std::optional<Path> magic, link.inode()->FollowMagic(caller_));
  if (magic) {
    if ((resolve_ & kResolveNoMagiclinks) != 0) {
      return Errno::kELOOP;
    }
    if ((resolve_ & (kResolveBeneath | kResolveInRoot)) != 0 ||
        ((resolve_ & kResolveNoXdev) != 0 && magic->mount != at_.mount)) {
      return Errno::kEXDEV;
    }
    at_ = *std::move(magic);
    return Followed::kArrived;
  }
  FL_ASSIGN(const std::string target, link.inode()->ReadLink(caller_));
  if (target.empty()) {
    return Errno::kENOENT;
  }
  if (target[0] == '/') {
    FL_TRY(JumpToRoot());
  }
  rest_ = rest_.empty() ? target : absl::StrCat(target, "/", rest_);
  return Followed::kGoOn;
}

ErrnoOr<Path> PathWalk::LookupLast() {
  if (last_.empty()) {
    return at_;
  }
  if (last_is_name()) {
    return LookupName(last_);
  }
  FL_TRY(Step(last_));
  return at_;
}

ErrnoOr<PathWalk::Followed> PathWalk::FollowLast(const Path& link) {
  return FollowLink(link);
}

ErrnoOr<Path> PathWalk::All(Follow follow) {
  while (true) {
    FL_TRY(ToParent());
    FL_ASSIGN(Path found, LookupLast());
    if (found.inode()->is_symlink() &&
        (follow == Follow::kYes || trailing_slash_)) {
      FL_ASSIGN(const Followed followed, FollowLink(found));
      if (followed == Followed::kGoOn) {
        continue;
      }
      found = at_;
    }
    if (trailing_slash_ && !found.inode()->is_dir()) {
      return Errno::kENOTDIR;
    }
    return found;
  }
}

}  // namespace faultline::os
