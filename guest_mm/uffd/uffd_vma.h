#ifndef FAULTLINE_GUEST_MM_UFFD_UFFD_VMA_H_
#define FAULTLINE_GUEST_MM_UFFD_UFFD_VMA_H_

// What userfaultfd has to do with a VMA: pure questions. Linux:
// include/linux/userfaultfd_k.h. mmap_lock is held.
//
// Invariant: a VMA has a context if and only if it has one of the modes.

#include "guest_mm/file/mapping.h"
#include "guest_mm/pgtable/entry.h"
#include "guest_mm/uffd/uffd_context.h"
#include "guest_mm/vma/vma.h"
#include "guest_mm/vma/vma_set.h"

namespace faultline::mm {

// __VM_UFFD_FLAGS.
inline constexpr VmaFlags kUffdModes =
    VmaFlag::kUffdMissing | VmaFlag::kUffdWp | VmaFlags(VmaFlag::kUffdMinor);

inline bool UffdMissing(const Vma& v) { return v.has(VmaFlag::kUffdMissing); }
inline bool UffdWp(const Vma& v) { return v.has(VmaFlag::kUffdWp); }
inline bool UffdMinor(const Vma& v) { return v.has(VmaFlag::kUffdMinor); }
inline bool UffdArmed(const Vma& v) { return v.flags.any(kUffdModes); }

// userfaultfd_pte_wp(): a store through `e` must be told of.
inline bool UffdProtects(const Vma& v, const Entry& e) {
  return UffdWp(v) && e.flags.has(EntryFlag::kUffdWp);
}

inline bool UffdHas(const Vma& v, uint64_t feature) {
  return v.uffd != nullptr && v.uffd->Has(feature);
}
// Stores are noted in the table and nobody waits.
inline bool UffdIsWpAsync(const Vma& v) { return UffdHas(v, kUffdWpAsync); }

// Who serves the faults at `a` wants to know the byte. The memory may be about
// to grow down to there.
inline bool UffdAsksForByte(const VmaSet& vmas, GuestAddr a) {
  const Vma* const vma = vmas.FindAtOrAbove(a);
  return vma != nullptr && UffdHas(*vma, kUffdExactAddress);
}

// userfaultfd_wp_use_markers(): places without a page are protected as well.
inline bool UffdUsesMarkers(const Vma& v) {
  return UffdWp(v) && (!v.anonymous() || UffdHas(v, kUffdWpUnpopulated));
}

// uffd_disable_fault_around(): each page has an event, or a marker, of its own.
inline bool UffdForbidsFaultAround(const Vma& v) {
  return UffdWp(v) || UffdMinor(v);
}

// vma_is_shmem(): not System V segments, which have VMA operations of their
// own.
inline bool IsShmem(const Vma& v) {
  return v.file != nullptr && !v.hugetlb() && !v.file->counts_vmas() &&
         v.file->mapping().kind() == Mapping::Kind::kShmem;
}

// Of memory that userfaultfd lets go of: no store through it is told of, and
// what was only protected is empty.
inline Entry WithoutUffdWp(Entry e) {
  e.flags = e.flags.without(EntryFlag::kUffdWp);
  if (e.marker(kMarkerUffdWp)) {
    const uint64_t kept = e.payload & ~kMarkerUffdWp;
    return kept == 0 ? Entry::None() : Entry::Marker(kept);
  }
  return e;
}

// What a marker left for the page that now comes: a store to it must fault.
inline EntryFlags ProtectIfMarked(EntryFlags flags, const Entry& before) {
  return before.marker(kMarkerUffdWp)
             ? flags.with(EntryFlag::kUffdWp).without(EntryFlag::kWrite)
             : flags;
}

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_UFFD_UFFD_VMA_H_
