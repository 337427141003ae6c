#include "guest_mm/calls/move_vma.h"

#include <memory>
#include <utility>

#include "guest_mm/calls/locked.h"
#include "guest_mm/calls/unmap.h"
#include "guest_mm/hugetlb/reservation.h"
#include "guest_mm/mm/limits.h"
#include "guest_mm/pgtable/range_ops.h"

namespace faultline::mm {

bool MremapJudgesFirst(const AddressSpace& mm) {
  return mm.system().behaviours().mremap_moves() == MremapMoves::kMany;
}

namespace {

// copy_vma(): a VMA like `v` at `to`, merged with its neighbours there if
// possible; it may even be `v` itself, grown.
ErrnoOr<Vma*> CopyVma(AddressSpace& mm, const Vma& v, GuestAddr from,
                      GuestRange to) {
  FL_ASSIGN(auto copy, NewVmaLike(mm, v));
  copy->range = to;
  // Untouched anonymous memory has no past that its pgoff must remember.
  copy->pgoff = v.anonymous() && v.anon_vma == nullptr
                    ? to.start.value() >> mm.page_shift().value()
                    : v.PageIndex(from, mm.page_shift());
  return &mm.vmas().Insert(std::move(copy));
}

// Makes the part of a hugetlb VMA that is to move one of its own: with its
// pages goes its reservation. (Linux forgets the reservation of all the VMA.)
ErrnoOr<Vma*> Isolate(AddressSpace& mm, Vma& v, GuestRange moved) {
  Vma* part = &v;
  if (v.range.start < moved.start) {
    FL_ASSIGN(part, mm.vmas().Split(v, moved.start));
  }
  if (moved.end < part->range.end) {
    FL_TRY(mm.vmas().Split(*part, moved.end));
  }
  return part;
}

// dontunmap_complete(). Linux goes on counting what stays behind as locked.
void UnlockInPlace(AddressSpace& mm, Vma& source, GuestRange moved) {
  if (source.has(VmaFlag::kLocked)) {
    const PageCount stale =
        source.range.Pages(mm.page_shift()) -
        (MremapJudgesFirst(mm) ? PageCount() : moved.Pages(mm.page_shift()));
    mm.locked_vm += stale;
    mm.stale_locked_vm += stale;
  }
  mm.vmas().SetFlagsInPlace(
      source, source.flags.without(VmaFlag::kLocked | VmaFlag::kLockOnFault));
}

}  // namespace

ErrnoOr<Moved> MoveVma(AddressSpace& mm, Vma& v, const MremapRequest& r,
                       GuestAddr to, MremapEvents& events) {
  VmaSet& vmas = mm.vmas();
  if (vmas.size() + 3 >= mm.system().sysctl().max_map_count) {
    return Errno::kENOMEM;  // splits below could hit the limit half-way
  }
  const VmaFlags flags = v.flags;
  const uint64_t charged =
      r.keep_old() ? r.new_length : r.new_length - r.old_length;
  if (flags.has(VmaFlag::kAccount) &&
      !EnoughMemory(mm, int64_t(charged >> mm.page_shift().value()))) {
    return Errno::kENOMEM;
  }
  // Both ends are mapped for a moment; the high-water mark must not show it.
  const PageCount hiwater = mm.hiwater_vm;
  const GuestRange from = GuestRange::At(r.old_start, r.old_length);
  const GuestRange target = GuestRange::At(to, r.new_length);
  const bool hugetlb = v.hugetlb();
  if (hugetlb) {
    FL_TRY(Isolate(mm, v, from));
  }
  FL_ASSIGN(Vma* const copy,
            CopyVma(mm, *vmas.Find(r.old_start), from.start, target));
  ErrnoOr<Moved> result = Moved{to, {}};
  GuestRange gone = from;
  if (from.empty()) {
    events.remapped.Prepare(*copy);
  } else {
    Vma& source = *vmas.Find(from.start);
    const uint64_t moved = MovePageTables(mm, source, from, to);
    if (moved < r.old_length) {
      // Back to where their tables still are, which cannot fail.
      MovePageTables(mm, *copy, GuestRange::At(to, moved), from.start);
      gone = target;
      result = Errno::kENOMEM;
    } else {
      events.remapped.Prepare(*copy);
    }
    if (result.ok() && r.keep_old()) {
      UnlockInPlace(mm, source, from);
      if (source.range == from) {
        vmas.SetAnonVma(source, nullptr);  // its pages have all gone
      }
      return result;
    }
  }
  if (hugetlb) {  // clear_vma_resv_huge_pages()
    vmas.Find(gone.start)->hugetlb_share = nullptr;
  }
  if (!gone.empty()) {
    // If memory for a split cannot be had, or a seal refuses, the mapping
    // stays; its pages have gone.
    (void)UnmapLocked(mm, gone, &events.unmapped);
  }
  mm.hiwater_vm = hiwater;
  if (result.ok() && flags.has(VmaFlag::kLocked) &&
      r.new_length > r.old_length) {
    result->populate = {to + r.old_length, to + r.new_length};
  }
  return result;
}

}  // namespace faultline::mm
