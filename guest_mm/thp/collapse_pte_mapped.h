#ifndef FAULTLINE_GUEST_MM_THP_COLLAPSE_PTE_MAPPED_H_
#define FAULTLINE_GUEST_MM_THP_COLLAPSE_PTE_MAPPED_H_

// A huge folio of a file that a space maps page by page gets mapped whole.
// Linux 6.12: mm/khugepaged.c collapse_pte_mapped_thp().
//
// Life, with mmap_lock for reading and the folio locked: 1. under the pte lock,
// every entry is looked at: pages of this folio in their places, or nothing ->
// the lock is dropped -> 2. taken again, perhaps inside the pmd lock, the
// entries are looked at again and cleared -> 3. counts follow -> 4. under both
// locks the table leaves the tree and the TLB is flushed -> 5. the huge entry
// goes where it was.
//
// The folio's lock keeps faults from putting its pages back between 2 and 4.
// It does not keep userfaultfd from putting a private copy there, which asks no
// page cache: P collapse-uffd says what does.

#include "guest_mm/mm/address_space.h"
#include "guest_mm/sync/point.h"
#include "guest_mm/thp/scan_result.h"

namespace faultline::mm {

// Between 1 and 2; and between 2 and 4, where no lock of a table is held unless
// the behaviour keeps one.
inline constexpr PointSite kPteMappedCheckedPoint{
    "collapse.pte_mapped.checked"};
inline constexpr PointSite kPteMappedClearedPoint{
    "collapse.pte_mapped.cleared"};

// mmap_lock is held for reading (up to 6.5 writing), and is on return. `a` is
// aligned. With kLeaveEmpty step 5 is left to a fault.
enum class InstallHuge : uint8_t { kLeaveEmpty, kMap };
ScanResult CollapsePteMapped(AddressSpace& mm, GuestAddr a,
                             InstallHuge install);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_THP_COLLAPSE_PTE_MAPPED_H_
