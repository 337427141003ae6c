#ifndef FAULTLINE_GUEST_MM_THP_SPLIT_FOLIO_H_
#define FAULTLINE_GUEST_MM_THP_SPLIT_FOLIO_H_

// From one huge folio to base pages that know nothing of each other, so that
// each can go its own way: to swap, or back to the allocator. Linux 6.12:
// mm/huge_memory.c split_huge_page_to_list_to_order(), deferred_split_scan().
//
// Life of a split: the AnonVma's lock is taken for writing, so that neither
// fork nor munmap changes where the folio is mapped -> references are counted:
// one too many is a pin, and the split is refused -> every entry becomes the
// mark of a page being moved (rmap/migration.h), huge ones by way of a table
// -> nobody can reach the folio now: if the caller's reference is the last,
// its frames become folios of their own, all locked -> the marks become
// entries again, for the small folios, or for the zero page where that is all
// there is -> pages that no entry leads to are freed.

#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/mm/memory_manager.h"
#include "guest_mm/sync/point.h"

namespace faultline::mm {

// All entries are marks; the references are about to be counted for good.
inline constexpr PointSite kSplitUnmappedPoint{"thp.split.unmapped"};

// A file's folio needs no marks: under i_mmap_lock its entries are dropped,
// and faults find its pages in the page cache, locked until all is done. Pages
// beyond the file's end are dropped then.

// Splits the huge folio that `page` is of. The caller holds its lock and a
// reference: on success they are those of `page`. kEBUSY: mapped by nobody if
// it is anonymous, truncated, or not a folio that can be split. kEAGAIN:
// somebody else has a reference; then it is whole, though perhaps mapped page
// by page, or not at all. Counted.
ErrnoOr<Done> SplitFolio(MemoryManager& system, Pfn page);

// Splits up to `most` of the folios that wait because a part of them was
// unmapped, the oldest first, which frees those parts: for who wants memory.
// Takes page locks if they are free, never waits for one. Returns the base
// pages freed.
PageCount SplitDeferred(MemoryManager& system, uint64_t most);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_THP_SPLIT_FOLIO_H_
