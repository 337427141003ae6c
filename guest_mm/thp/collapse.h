#ifndef FAULTLINE_GUEST_MM_THP_COLLAPSE_H_
#define FAULTLINE_GUEST_MM_THP_COLLAPSE_H_

// From base pages to a huge one, for anonymous memory. Linux 6.12:
// mm/khugepaged.c hpage_collapse_scan_pmd() and collapse_huge_page(), the same
// for khugepaged and for MADV_COLLAPSE.
//
// Life of a collapse: the entries are scanned under mmap_lock for reading ->
// that is dropped and a huge page allocated -> the mapping is looked at again,
// and what is in swap read in -> it is looked at once more, under mmap_lock for
// writing, which no fault can enter -> under the AnonVma's
// lock the table is taken out of the tree and the TLB flushed, so that nobody
// reaches the pages by it -> under the pte lock the pages are checked again
// and locked -> copied -> the huge entry goes where the table was, and the
// table is kept with it. Every window between two of these is a schedule
// point.

#include "guest_mm/base/errno.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/sync/point.h"
#include "guest_mm/thp/scan_result.h"

namespace faultline::mm {

// The windows that no lock's own points name.
inline constexpr PointSite kCollapseDetachedPoint{"collapse.detached"};
inline constexpr PointSite kCollapseIsolatedPoint{"collapse.isolated"};
inline constexpr PointSite kCollapseCopiedPoint{"collapse.copied"};

// Who wants it. khugepaged keeps to max_ptes_none and its like and wants pages
// that are in use.
enum class CollapseBy : uint8_t { kKhugepaged, kMadvise };

// mmap_lock is held for reading. `*locked` says whether it still is on return.
// `a` is aligned, and HugeFits(). Counted and traced by its result.
ScanResult CollapseAnon(AddressSpace& mm, Vma& vma, GuestAddr a, CollapseBy by,
                        bool* locked);

// hugepage_vma_revalidate(): is there still, or again, a VMA that may have a
// huge page at `a`? mmap_lock is held.
enum class Expect : uint8_t { kAnon, kAnything };
ScanResult RevalidateVma(AddressSpace& mm, GuestAddr a, CollapseBy by,
                         Expect expect, Vma** vma);

// Adds to the counts and the trace.
void NoteScan(AddressSpace& mm, const char* step, GuestAddr a, CollapseBy by,
              ScanResult result);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_THP_COLLAPSE_H_
