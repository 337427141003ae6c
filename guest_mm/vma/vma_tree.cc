#include "guest_mm/vma/vma_tree.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "guest_mm/base/check.h"

namespace faultline::mm {

VmaTree::~VmaTree() {
  for (Vma* v = first_; v != nullptr;) {
    delete std::exchange(v, v->links_.next);
  }
}

Vma* VmaTree::FindAtOrAbove(GuestAddr a) const {
  Vma* best = nullptr;
  for (Vma* v = root_; v != nullptr;) {
    if (v->range.end > a) {
      best = v;
      v = v->links_.left;
    } else {
      v = v->links_.right;
    }
  }
  return best;
}

GuestAddr VmaTree::GuardedStart(const Vma& v) const {
  if (!v.has(VmaFlag::kGrowsDown)) {
    return v.range.start;
  }
  return GuestAddr(v.range.start.value() -
                   std::min(v.range.start.value(), stack_guard_));
}

GuestRange VmaTree::GapBelow(const Vma& v) const {
  const Vma* prev = v.links_.prev;
  return {prev == nullptr ? GuestAddr(0) : prev->range.end, v.range.start};
}

GuestRange VmaTree::GapAboveLast() const {
  return {last_ == nullptr ? GuestAddr(0) : last_->range.end,
          GuestAddr(~uint64_t{0})};
}

std::optional<GuestRange> VmaTree::HighestGap(uint64_t bytes,
                                              GuestRange within) const {
  const GuestRange top = GapAboveLast().Intersect(within);
  if (!top.empty() && top.size() >= bytes) {
    return top;
  }
  return Highest(root_, bytes, within);
}

std::optional<GuestRange> VmaTree::LowestGap(uint64_t bytes,
                                             GuestRange within) const {
  if (auto gap = Lowest(root_, bytes, within)) {
    return gap;
  }
  const GuestRange top = GapAboveLast().Intersect(within);
  if (!top.empty() && top.size() >= bytes) {
    return top;
  }
  return std::nullopt;
}

// Of the subtrees visited, only those on the two edges of `within` can be
// visited in vain: any other with a large enough max_gap holds the answer.
std::optional<GuestRange> VmaTree::Highest(const Vma* node, uint64_t bytes,
                                           GuestRange within) const {
  while (node != nullptr && node->links_.max_gap >= bytes) {
    if (node->range.end < within.end) {
      if (auto found = Highest(node->links_.right, bytes, within)) {
        return found;
      }
    }
    const GuestRange gap = GapBelow(*node);
    const GuestRange cut = gap.Intersect(within);
    if (!cut.empty() && cut.size() >= bytes) {
      return cut;
    }
    if (gap.start <= within.start) {
      return std::nullopt;
    }
    node = node->links_.left;
  }
  return std::nullopt;
}

std::optional<GuestRange> VmaTree::Lowest(const Vma* node, uint64_t bytes,
                                          GuestRange within) const {
  while (node != nullptr && node->links_.max_gap >= bytes) {
    const GuestRange gap = GapBelow(*node);
    if (gap.start > within.start) {
      if (auto found = Lowest(node->links_.left, bytes, within)) {
        return found;
      }
    }
    const GuestRange cut = gap.Intersect(within);
    if (!cut.empty() && cut.size() >= bytes) {
      return cut;
    }
    if (node->range.end >= within.end) {
      return std::nullopt;
    }
    node = node->links_.right;
  }
  return std::nullopt;
}

Vma& VmaTree::Insert(std::unique_ptr<Vma> owned) {
  Vma* v = owned.release();
  v->links_ = VmaLinks();
  Vma** slot = &root_;
  while (*slot != nullptr) {
    Vma* at = *slot;
    v->links_.parent = at;
    if (v->range.start < at->range.start) {
      v->links_.next = at;
      slot = &at->links_.left;
    } else {
      v->links_.prev = at;
      slot = &at->links_.right;
    }
  }
  *slot = v;
  ++size_;
  (v->links_.prev ? v->links_.prev->links_.next : first_) = v;
  (v->links_.next ? v->links_.next->links_.prev : last_) = v;
  Update(*v);
  return *v;
}

std::unique_ptr<Vma> VmaTree::Remove(Vma& v) {
  VmaLinks& l = v.links_;
  (l.prev ? l.prev->links_.next : first_) = l.next;
  (l.next ? l.next->links_.prev : last_) = l.prev;
  --size_;

  Vma* lowest_changed = l.parent;
  if (l.left == nullptr || l.right == nullptr) {
    Replace(v, l.left ? l.left : l.right);
  } else {
    // Two children: the successor, leftmost on the right, takes its place.
    Vma& heir = *l.next;
    if (heir.links_.parent == &v) {
      lowest_changed = &heir;
    } else {
      lowest_changed = heir.links_.parent;
      Replace(heir, heir.links_.right);
      heir.links_.right = l.right;
      l.right->links_.parent = &heir;
    }
    heir.links_.left = l.left;
    l.left->links_.parent = &heir;
    Replace(v, &heir);
  }
  FixUp(lowest_changed);
  Vma* next = l.next;
  l = VmaLinks();
  if (next != nullptr) {
    RefreshGap(*next);
  }
  return std::unique_ptr<Vma>(&v);
}

void VmaTree::Update(Vma& v) {
  RefreshGap(v);
  if (v.links_.next != nullptr) {
    RefreshGap(*v.links_.next);
  }
}

void VmaTree::RefreshGap(Vma& v) {
  v.links_.gap = GapBelow(v).size();
  FixUp(&v);
}

void VmaTree::Recompute(Vma& v) {
  VmaLinks& l = v.links_;
  l.height = 1 + std::max(Height(l.left), Height(l.right));
  l.max_gap = l.gap;
  if (l.left != nullptr) {
    l.max_gap = std::max(l.max_gap, l.left->links_.max_gap);
  }
  if (l.right != nullptr) {
    l.max_gap = std::max(l.max_gap, l.right->links_.max_gap);
  }
}

void VmaTree::Replace(Vma& v, Vma* child) {
  Vma* parent = v.links_.parent;
  if (parent == nullptr) {
    root_ = child;
  } else {
    (parent->links_.left == &v ? parent->links_.left : parent->links_.right) =
        child;
  }
  if (child != nullptr) {
    child->links_.parent = parent;
  }
}

//      parent          child
//      /    \          /    \.
//   child    c   ->   a    parent      (or its mirror image)
//   /   \                  /    \.
//  a     b                b      c
Vma* VmaTree::RotateUp(Vma& child) {
  Vma& parent = *child.links_.parent;
  Replace(parent, &child);
  const bool was_left = parent.links_.left == &child;
  Vma*& outer = was_left ? parent.links_.left : parent.links_.right;
  Vma*& inner = was_left ? child.links_.right : child.links_.left;
  outer = inner;
  if (inner != nullptr) {
    inner->links_.parent = &parent;
  }
  inner = &parent;
  parent.links_.parent = &child;
  Recompute(parent);
  Recompute(child);
  return &child;
}

Vma* VmaTree::Rebalance(Vma& v) {
  const int lean = Height(v.links_.left) - Height(v.links_.right);
  if (std::abs(lean) <= 1) {
    return &v;
  }
  Vma& tall = lean > 0 ? *v.links_.left : *v.links_.right;
  Vma* inner = lean > 0 ? tall.links_.right : tall.links_.left;
  Vma* outer = lean > 0 ? tall.links_.left : tall.links_.right;
  if (Height(inner) > Height(outer)) {
    RotateUp(*inner);
    return RotateUp(*inner);
  }
  return RotateUp(tall);
}

void VmaTree::FixUp(Vma* v) {
  while (v != nullptr) {
    Recompute(*v);
    v = Rebalance(*v)->links_.parent;
  }
}

int VmaTree::ValidateSubtree(const Vma* v, size_t* count) const {
  if (v == nullptr) {
    return 0;
  }
  const VmaLinks& l = v->links_;
  FL_CHECK(l.left == nullptr || l.left->links_.parent == v);
  FL_CHECK(l.right == nullptr || l.right->links_.parent == v);
  const int left = ValidateSubtree(l.left, count);
  const int right = ValidateSubtree(l.right, count);
  FL_CHECK(std::abs(left - right) <= 1);
  FL_CHECK(l.height == 1 + std::max(left, right));
  FL_CHECK(l.gap == GapBelow(*v).size());
  uint64_t max_gap = l.gap;
  for (const Vma* child : {l.left, l.right}) {
    if (child != nullptr) {
      max_gap = std::max(max_gap, child->links_.max_gap);
    }
  }
  FL_CHECK(l.max_gap == max_gap);
  ++*count;
  return l.height;
}

void VmaTree::Validate() const {
  FL_CHECK(root_ == nullptr || root_->links_.parent == nullptr);
  size_t in_tree = 0;
  ValidateSubtree(root_, &in_tree);
  FL_CHECK(in_tree == size_);
  size_t in_list = 0;
  const Vma* prev = nullptr;
  for (const Vma* v = first_; v != nullptr; v = v->links_.next) {
    FL_CHECK(v->links_.prev == prev);
    FL_CHECK(!v->range.empty());
    FL_CHECK(prev == nullptr || prev->range.end <= v->range.start);
    FL_CHECK(FindAtOrAbove(v->range.start) == v);
    prev = v;
    ++in_list;
  }
  FL_CHECK(last_ == prev && in_list == size_);
}

}  // namespace faultline::mm
