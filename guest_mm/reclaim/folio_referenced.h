#ifndef FAULTLINE_GUEST_MM_RECLAIM_FOLIO_REFERENCED_H_
#define FAULTLINE_GUEST_MM_RECLAIM_FOLIO_REFERENCED_H_

// Has a page been used since reclaim last looked? Linux: mm/rmap.c
// folio_referenced().

#include "guest_mm/base/addr.h"
#include "guest_mm/mm/memory_manager.h"

namespace faultline::mm {

struct References {
  uint64_t entries = 0;     // through which it was used
  bool locked = false;      // by mlock(): it must stay
  bool executable = false;  // by an entry that was used and may be executed
};

// Takes the accessed bits of all entries that map a page of the folio, which is
// locked, and flushes where there were any.
References FolioReferenced(MemoryManager& system, Pfn head);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_RECLAIM_FOLIO_REFERENCED_H_
