#ifndef FAULTLINE_GUEST_MM_THP_FIND_TABLE_H_
#define FAULTLINE_GUEST_MM_THP_FIND_TABLE_H_

#include "guest_mm/pgtable/page_table.h"
#include "guest_mm/thp/scan_result.h"

namespace faultline::mm {

// find_pmd_or_thp_or_none(): what a collapse finds where the huge entry for `a`
// would be, and the place. kSucceed: a table of base entries; kPmdNone:
// nothing; kPmdMapped: a huge page; kPmdNull: no place, or something else.
ScanResult FindTable(const PageTable& table, GuestAddr a, EntryRef* r);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_THP_FIND_TABLE_H_
