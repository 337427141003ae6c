#ifndef FAULTLINE_GUEST_MM_RMAP_MLOCK_FOLIO_H_
#define FAULTLINE_GUEST_MM_RMAP_MLOCK_FOLIO_H_

// Pages of locked memory are on the unevictable list, where reclaim does not
// look. Linux: mm/mlock.c, mm/internal.h mlock_vma_folio().
//
// A folio counts the entries of locked mappings (VM_LOCKED) that map it. The
// first one takes it off the lists of pages that age; with the last it goes
// back. The count is a guess while others change entries behind mlock's back,
// as in Linux: it never goes below zero, and a page that was missed is only
// evictable, or not, until it is unmapped.
//
// All under the lock of the entry's table; none comes to a schedule point.

#include "guest_mm/base/addr.h"
#include "guest_mm/mm/memory_manager.h"
#include "guest_mm/vma/vma.h"

namespace faultline::mm {

// One entry more, or less, of a locked mapping maps the folio of `pfn`.
void MlockFolio(MemoryManager& system, Pfn pfn);
void MunlockFolio(MemoryManager& system, Pfn pfn);

// The same, if the mapping is a locked one; the latter just before the entry
// goes. MlockVmaPage: by a level-0 entry; a
// page of a huge folio is left alone then, for only a part of the folio may be
// locked.
void MlockVmaFolio(const Vma& vma, Pfn pfn);
void MlockVmaPage(const Vma& vma, Pfn pfn);
void MunlockVmaFolio(const Vma& vma, Pfn pfn);

// An entry has gone. A folio that no entry maps is not locked, whatever its
// count says.
void ForgetMlock(MemoryManager& system, Pfn pfn);

// Where a folio goes that was taken off `was`, now that its entries may have
// changed.
Lru ListAgain(const Frame& folio, Lru was);

// mlock_vma_pages_range(): VmaFlag::kLocked has been set for `range` of `vma`,
// or taken away. mmap_lock is held for writing.
void MlockVmaPages(Vma& vma, GuestRange range);
void MunlockVmaPages(Vma& vma, GuestRange range);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_RMAP_MLOCK_FOLIO_H_
