#ifndef FAULTLINE_GUEST_MM_VMA_VMA_TREE_H_
#define FAULTLINE_GUEST_MM_VMA_VMA_TREE_H_

// VmaTree: VMAs in address order, and the free space between them. An AVL tree
// threaded through the VMAs themselves; each node knows the largest gap in its
// subtree, so that finding, inserting, removing and the search for free space
// are O(log n) and stepping to a neighbour is O(1).
// Linux: the maple tree of mm_struct (before 6.1, an rbtree like this one).
//
//                   [40,50) gap 10            gap: free space just below;
//                   /             \           max_gap: the largest in the
//           [10,20) gap 10   [60,90) gap 10   node's subtree
//               \                             (a stack's guard is free space)
//            [25,30) gap 5
//
// It owns the VMAs and knows nothing of merging, files or counts: see VmaSet.

#include <cstdint>
#include <memory>
#include <optional>

#include "guest_mm/base/addr.h"
#include "guest_mm/vma/vma.h"

namespace faultline::mm {

class VmaTree {
 public:
  // `stack_guard`: bytes kept free below a VMA that grows down.
  explicit VmaTree(uint64_t stack_guard) : stack_guard_(stack_guard) {}
  ~VmaTree();
  VmaTree(const VmaTree&) = delete;
  VmaTree& operator=(const VmaTree&) = delete;

  size_t size() const { return size_; }
  Vma* first() const { return first_; }
  Vma* last() const { return last_; }
  static Vma* Next(const Vma& v) { return v.links_.next; }
  static Vma* Prev(const Vma& v) { return v.links_.prev; }

  // The first VMA that ends above `a`.
  Vma* FindAtOrAbove(GuestAddr a) const;

  // Its range must be free.
  Vma& Insert(std::unique_ptr<Vma> vma);
  std::unique_ptr<Vma> Remove(Vma& v);
  // To be called when the range of `v` has changed; the order among the VMAs
  // must not have.
  void Update(Vma& v);

  // The lowest address that `v` claims: its start, less the guard of a stack
  // (Linux vm_start_gap()).
  GuestAddr GuardedStart(const Vma& v) const;

  // The highest, or lowest, stretch of free space of at least `bytes` after
  // cutting it to `within`; nothing if there is none. Guards are free space.
  std::optional<GuestRange> HighestGap(uint64_t bytes, GuestRange within) const;
  std::optional<GuestRange> LowestGap(uint64_t bytes, GuestRange within) const;

  // Dies if order, links, balance or gaps are not as they should be. O(n).
  void Validate() const;

 private:
  GuestRange GapBelow(const Vma& v) const;
  GuestRange GapAboveLast() const;
  std::optional<GuestRange> Highest(const Vma* node, uint64_t bytes,
                                    GuestRange within) const;
  std::optional<GuestRange> Lowest(const Vma* node, uint64_t bytes,
                                   GuestRange within) const;

  static int Height(const Vma* v) { return v ? v->links_.height : 0; }
  static void Recompute(Vma& v);
  void RefreshGap(Vma& v);
  // Makes `child` take the place of `v` under v's parent.
  void Replace(Vma& v, Vma* child);
  Vma* RotateUp(Vma& child);
  Vma* Rebalance(Vma& v);
  // Restores heights, balance and max_gap from `v` to the root.
  void FixUp(Vma* v);
  int ValidateSubtree(const Vma* v, size_t* count) const;

  uint64_t stack_guard_;
  size_t size_ = 0;
  Vma* root_ = nullptr;
  Vma* first_ = nullptr;
  Vma* last_ = nullptr;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_VMA_VMA_TREE_H_
