#ifndef FAULTLINE_GUEST_MM_THP_SPLIT_PMD_H_
#define FAULTLINE_GUEST_MM_THP_SPLIT_PMD_H_

// From one huge entry to a table of base-page entries for the same pages. The
// folio stays whole. Cannot fail: the table was deposited with the entry.
// Linux: mm/huge_memory.c __split_huge_pmd().

#include "guest_mm/mm/address_space.h"
#include "guest_mm/vma/vma.h"

namespace faultline::mm {

// Splits the huge entry that maps `a`, if there is one. Takes the pmd lock.
// The new entries translate as the old one did, so there is no flush but for
// the huge page of zeros, in whose place the small one comes.
void SplitHugePmd(AddressSpace& mm, Vma& vma, GuestAddr a);
// The same with the lock of `r` held; `e` is what `r` holds, present.
void SplitHugePmdLocked(AddressSpace& mm, Vma& vma, const EntryRef& r,
                        const Entry& e);

// Splits the huge entries that straddle an edge of `range`, so that those
// left lie wholly inside or outside (vma_adjust_trans_huge()).
void SplitHugePmdAtEdges(AddressSpace& mm, Vma& vma, GuestRange range);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_THP_SPLIT_PMD_H_
