#include "plugin/linux/fs/dentry.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "guest_mm/base/check.h"
#include "plugin/linux/fs/inode.h"
#include "plugin/linux/fs/path.h"

namespace faultline::os {

Dentry::Dentry(std::shared_ptr<Dentry> parent, std::string name,
               std::shared_ptr<Inode> inode)
    : parent_(std::move(parent)),
      name_(std::move(name)),
      inode_(std::move(inode)) {}

Dentry::~Dentry() {
  FL_DCHECK(children_.empty());  // each would have kept us alive
  Unhash();
  // Ancestors that only we kept go one after the other, not each inside the
  // other: a guest nests directories deeper than any stack.
  std::shared_ptr<Dentry> up = std::move(parent_);
  while (up != nullptr && up.use_count() == 1) {
    up->Unhash();
    std::shared_ptr<Dentry> next = std::move(up->parent_);
    up = std::move(next);
  }
}

std::shared_ptr<Dentry> Dentry::MakeRoot(std::shared_ptr<Inode> inode,
                                         std::string name) {
  return std::shared_ptr<Dentry>(
      new Dentry(nullptr, std::move(name), std::move(inode)));
}

void Dentry::Unhash() {
  if (parent_ != nullptr && !deleted_) {
    parent_->children_.erase(name_);
  }
}

std::shared_ptr<Dentry> Dentry::FindChild(absl::string_view name) const {
  const auto it = children_.find(name);
  return it == children_.end() ? nullptr : it->second->shared_from_this();
}

std::shared_ptr<Dentry> Dentry::Child(absl::string_view name,
                                      const std::shared_ptr<Inode>& inode) {
  if (std::shared_ptr<Dentry> known = FindChild(name)) {
    if (known->inode_ == inode) {
      return known;
    }
    known->MarkDeleted();
  }
  std::shared_ptr<Dentry> child(
      new Dentry(shared_from_this(), std::string(name), inode));
  children_.emplace(child->name_, child.get());
  return child;
}

void Dentry::MarkDeleted() {
  Unhash();
  deleted_ = true;
}

void Dentry::MoveTo(const std::shared_ptr<Dentry>& parent,
                    absl::string_view name) {
  if (std::shared_ptr<Dentry> old = parent->FindChild(name);
      old != nullptr && old.get() != this) {
    old->MarkDeleted();
  }
  Unhash();
  parent_ = parent;
  name_ = std::string(name);
  deleted_ = false;
  parent_->children_[name_] = this;
}

void Dentry::Exchange(Dentry& a, Dentry& b) {
  a.Unhash();
  b.Unhash();
  std::swap(a.parent_, b.parent_);
  std::swap(a.name_, b.name_);
  a.parent_->children_[a.name_] = &a;
  b.parent_->children_[b.name_] = &b;
}

std::string DPath(const Path& path, const Path& root) {
  std::string text;
  const Mount* mount = path.mount;
  const Dentry* at = path.dentry.get();
  const bool deleted = at->deleted();
  if (at->is_root() && !at->name().empty()) {
    return at->name();  // "pipe:[3]"
  }
  bool reachable = false;
  while (true) {
    if (mount == root.mount && at == root.dentry.get()) {
      reachable = true;
      break;
    }
    if (mount != nullptr && at == mount->root.get()) {
      if (mount->parent == nullptr) {
        break;
      }
      at = mount->mountpoint.dentry.get();
      mount = mount->parent;
      continue;
    }
    if (at->is_root()) {
      break;
    }
    text = absl::StrCat("/", at->name(), text);
    at = at->parent().get();
  }
  return absl::StrCat(reachable ? "" : "(unreachable)",
                      text.empty() ? "/" : text, deleted ? " (deleted)" : "");
}

std::string DPath(const Path& path) {
  Path top;
  top.mount = path.mount;
  while (top.mount != nullptr && top.mount->parent != nullptr) {
    top.mount = top.mount->parent;
  }
  if (top.mount != nullptr) {
    top.dentry = top.mount->root;
  }
  return DPath(path, top);
}

}  // namespace faultline::os
