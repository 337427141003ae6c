#ifndef FAULTLINE_GUEST_MM_VMA_VMA_SET_H_
#define FAULTLINE_GUEST_MM_VMA_VMA_SET_H_

// VmaSet: the VMAs of one address space, ordered, never overlapping.
// Linux: mm/vma.c (vma_merge_new_range, split_vma), the maple tree.
// Pointers to a Vma stay good until it is removed or merged away.
// Thread-compatible: AddressSpace holds mmap_lock over it.

#include <cstdint>
#include <map>
#include <memory>

#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/vma/vma.h"

namespace faultline::mm {

class VmaSet {
 public:
  using Tree = std::map<GuestAddr, std::unique_ptr<Vma>>;  // by start

  explicit VmaSet(AddressSpace& mm) : mm_(mm) {}
  ~VmaSet();

  size_t size() const { return tree_.size(); }
  const Tree& tree() const { return tree_; }

  // The VMA that holds `a`, or null.
  Vma* Find(GuestAddr a) const;
  // The first VMA that ends above `a` (Linux find_vma): it holds `a` or lies
  // above it.
  Vma* FindAtOrAbove(GuestAddr a) const;
  Vma* Next(const Vma& v) const;
  Vma* Prev(const Vma& v) const;
  bool Overlaps(GuestRange r) const;

  // Adds a VMA, merging it with its neighbours where Linux would. Links it to
  // its file's Mapping and adjusts the space's counts. Returns the VMA that
  // now covers `vma->range`. The range must be free.
  Vma& Insert(std::unique_ptr<Vma> vma);
  // Cuts `v` in two at `at` (page-aligned, strictly inside); `v` keeps the
  // lower part, the upper is returned. kENOMEM above max_map_count: unchanged.
  ErrnoOr<Vma*> Split(Vma& v, GuestAddr at);
  // Takes `v` out and gives it back; its pages must be unmapped already.
  std::unique_ptr<Vma> Remove(Vma& v);
  // Changes `v` and merges it with neighbours where that is now possible;
  // returns the VMA that covers it. The caller has split off other parts.
  Vma& SetFlags(Vma& v, VmaFlags flags);
  // Moves an edge (brk, stack growth, mremap in place). The space gained must
  // be free; pages in space lost must be unmapped.
  void Resize(Vma& v, GuestRange range);

  // Highest, or lowest, gap of `bytes` in `within` that keeps stack guard
  // gaps (vm_unmapped_area); aligned to `align` bytes. kENOMEM.
  ErrnoOr<GuestAddr> FindGapTopDown(uint64_t bytes, GuestRange within,
                                    uint64_t align) const;
  ErrnoOr<GuestAddr> FindGapBottomUp(uint64_t bytes, GuestRange within,
                                     uint64_t align) const;

  void Validate() const;

 private:
  static bool CanMerge(const Vma& lower, const Vma& upper);

  AddressSpace& mm_;
  Tree tree_;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_VMA_VMA_SET_H_
