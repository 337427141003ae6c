#ifndef FAULTLINE_GUEST_MM_VMA_VMA_SET_H_
#define FAULTLINE_GUEST_MM_VMA_VMA_SET_H_

// VmaSet: the VMAs of one address space, ordered, never overlapping, merged
// and split as Linux does it (mm/vma.c: vma_merge_new_range(), vma_modify(),
// split_vma()). Over the bare VmaTree it keeps the files' lists of VMAs and
// the space's counts (total_vm and friends, committed memory).
// Pointers to a Vma stay good until it is removed or merged away.
// Thread-compatible: AddressSpace holds mmap_lock over it. Changes to a file
// VMA take the file's i_mmap lock, changes to one with an AnonVma its lock.

#include <cstdint>
#include <iterator>
#include <memory>
#include <string>

#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/vma/vma.h"
#include "guest_mm/vma/vma_merge.h"
#include "guest_mm/vma/vma_tree.h"

namespace faultline::mm {

class VmaSet {
 public:
  // for (Vma& v : set). Removing the VMA at hand ends the walk's right to go
  // on: fetch Next() first.
  class Iterator {
   public:
    using value_type = Vma;
    using difference_type = std::ptrdiff_t;
    explicit Iterator(Vma* v = nullptr) : v_(v) {}
    Vma& operator*() const { return *v_; }
    Vma* operator->() const { return v_; }
    Iterator& operator++() {
      v_ = VmaTree::Next(*v_);
      return *this;
    }
    Iterator operator++(int) {
      Iterator old = *this;
      ++*this;
      return old;
    }
    friend bool operator==(Iterator, Iterator) = default;

   private:
    Vma* v_;
  };

  explicit VmaSet(AddressSpace& mm);

  size_t size() const { return tree_.size(); }
  bool empty() const { return tree_.size() == 0; }
  Iterator begin() const { return Iterator(tree_.first()); }
  Iterator end() const { return Iterator(); }
  Vma* First() const { return tree_.first(); }
  Vma* Last() const { return tree_.last(); }

  // The VMA that holds `a`, or null.
  Vma* Find(GuestAddr a) const;
  // The first VMA that ends above `a` (Linux find_vma): it holds `a` or lies
  // above it.
  Vma* FindAtOrAbove(GuestAddr a) const;
  Vma* Next(const Vma& v) const { return VmaTree::Next(v); }
  Vma* Prev(const Vma& v) const { return VmaTree::Prev(v); }
  bool Overlaps(GuestRange r) const;
  // Where the guard of a stack begins, else the start (vm_start_gap()).
  GuestAddr GuardedStart(const Vma& v) const { return tree_.GuardedStart(v); }

  // Adds a VMA, merging it with its neighbours where Linux would. Returns the
  // VMA that now covers `vma->range`. The range must be free.
  enum class Merge : uint8_t { kBoth, kPrevOnly, kNone };
  Vma& Insert(std::unique_ptr<Vma> vma, Merge merge = Merge::kBoth);

  // Cuts `v` in two at `at` (page-aligned, strictly inside); `v` keeps the
  // lower part, the upper is returned. kENOMEM above max_map_count, or
  // for want of memory, kEINVAL inside a page of a hugetlb VMA: unchanged.
  // kIgnored is for callers who did the count themselves (munmap).
  enum class MapLimit : uint8_t { kObeyed, kIgnored };
  ErrnoOr<Vma*> Split(Vma& v, GuestAddr at, MapLimit limit = MapLimit::kObeyed);

  // Takes `v` out and gives it back; its pages must be unmapped already.
  std::unique_ptr<Vma> Remove(Vma& v);

  // What Modify() changes.
  struct Rules {
    VmaFlags flags;
    std::string anon_name;
    std::shared_ptr<UffdContext> uffd = nullptr;
  };
  // Gives the part `range` of `v` new rules: moves the border to a neighbour
  // that has them, merges, or splits (vma_modify()). Returns the VMA that
  // covers `range`, which may be larger. kENOMEM from a split; an earlier
  // split at the lower edge then stays.
  ErrnoOr<Vma*> Modify(Vma& v, GuestRange range, const Rules& rules);
  ErrnoOr<Vma*> ModifyFlags(Vma& v, GuestRange range, VmaFlags flags) {
    return Modify(v, range, {flags, v.anon_name, v.uffd});
  }
  // Changes the whole of `v` and merges it with neighbours where that is now
  // possible; returns the VMA that covers it.
  Vma& SetFlags(Vma& v, VmaFlags flags);
  // Changes the flags where `v` stands: no split and no merge.
  void SetFlagsInPlace(Vma& v, VmaFlags flags);
  // Gives `v` another AnonVma, or none; no page of its own may be mapped.
  void SetAnonVma(Vma& v, std::shared_ptr<AnonVma> anon_vma);

  // Moves an edge (brk, stack growth, mremap in place). The space gained must
  // be free; pages in space lost must be unmapped.
  void Resize(Vma& v, GuestRange range);

  // Highest, or lowest, gap of `bytes` in `within` that keeps stack guard
  // gaps (vm_unmapped_area); aligned to `align` bytes. kENOMEM.
  ErrnoOr<GuestAddr> FindGapTopDown(uint64_t bytes, GuestRange within,
                                    uint64_t align) const;
  ErrnoOr<GuestAddr> FindGapBottomUp(uint64_t bytes, GuestRange within,
                                     uint64_t align) const;

  // Dies on a broken invariant, the space's counts included.
  void Validate() const;

 private:
  PageShift shift() const;
  AnonVmaMerge AnonVmaRule() const;
  // Adds to or takes from the space's counts what `pages` of `flags` are.
  enum class Sign : int8_t { kAdd, kTake };
  void Account(VmaFlags flags, PageCount pages, Sign sign);
  // The locks of a file's list of VMAs and of an AnonVma's, held while VMAs in
  // them change.
  class Edit;
  // Gives what `proposed` covers to the neighbours that the plan names. `v` is
  // the existing VMA it is a part of, null for a new one. The counts are the
  // caller's.
  Vma& Join(Edit& edit, MergePlan plan, Vma* prev, Vma* v, const Vma& proposed,
            Vma* next);
  // Out of the tree; the lists it is in and the counts are the caller's.
  std::unique_ptr<Vma> Drop(Vma& v);
  // Sets the range, keeping pgoff in step with the start.
  void SetRange(Vma& v, GuestRange range);
  void Emit(const char* event, const Vma& v) const;

  AddressSpace& mm_;
  VmaTree tree_;
  mutable Vma* last_found_ = nullptr;  // faults come in runs
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_VMA_VMA_SET_H_
