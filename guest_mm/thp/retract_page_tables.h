#ifndef FAULTLINE_GUEST_MM_THP_RETRACT_PAGE_TABLES_H_
#define FAULTLINE_GUEST_MM_THP_RETRACT_PAGE_TABLES_H_

// After a collapse has put a huge folio into a file's page cache: takes away
// the tables of base entries where it could be mapped whole, so that faults do
// so. Linux 6.12: mm/khugepaged.c retract_page_tables().
//
// The folio is locked, which keeps faults from filling the tables, empty since
// the old pages were unmapped. What else may put entries there is asked for
// under the table's lock: an AnonVma says that pages were copied, uffd-wp that
// there are markers.

#include <cstdint>

#include "guest_mm/mm/address_space.h"
#include "guest_mm/sync/point.h"

namespace faultline::mm {

// A mapping was looked at without locks, and is to lose its table.
inline constexpr PointSite kRetractFoundPoint{"collapse.retract.found"};

// Those of pages [first, first + a huge page's) of `mapping`, in whichever
// space they are. Takes i_mmap, and for each the locks of the tables; up to 6.4
// a trylock of mmap_lock for writing besides (P retract-tables).
void RetractPageTables(MemoryManager& system, Mapping& mapping, uint64_t first);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_THP_RETRACT_PAGE_TABLES_H_
