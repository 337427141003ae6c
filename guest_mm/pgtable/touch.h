#ifndef FAULTLINE_GUEST_MM_PGTABLE_TOUCH_H_
#define FAULTLINE_GUEST_MM_PGTABLE_TOUCH_H_

// FOLL_TOUCH: what the kernel has reached through a mapping counts as accessed
// through it. Linux: mm/gup.c follow_page_pte(), touch_pmd().

#include "guest_mm/pgtable/entry.h"
#include "guest_mm/phys/phys_mem.h"

namespace faultline::mm {

// `e` maps `pfn`. Written through an entry that is not dirty, the folio is.
// Needs the lock of the entry's table.
void TouchPage(PhysMem& phys, Pfn pfn, const Entry& e, bool write);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_PGTABLE_TOUCH_H_
