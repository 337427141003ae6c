#ifndef FAULTLINE_GUEST_MM_RMAP_RMAP_H_
#define FAULTLINE_GUEST_MM_RMAP_RMAP_H_

// What a frame knows of the entries that map it, and the space's rss with it.
// Linux: mm/rmap.c folio_add_new_anon_rmap() and its neighbours.
// All are called with the page-table lock of the entry held, beside the Set()
// of the entry: mapcount counts entries, and each entry owns a reference.

#include "guest_mm/base/addr.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/vma/vma.h"

namespace faultline::mm {

// A fresh private page gets its first entry. The caller's reference becomes
// the entry's. The page is exclusive: only this entry can reach it.
void AddNewAnonRmap(AddressSpace& mm, Vma& vma, GuestAddr address, Pfn pfn);

// A page-cache page gets one more entry. The caller's reference becomes the
// entry's.
void AddFileRmap(AddressSpace& mm, Pfn pfn);

// fork: one more entry, in `dst`, for a page that `src`'s entry maps. Takes
// the new entry's reference. An anonymous page is exclusive no more.
void DupRmap(AddressSpace& dst, Pfn pfn);

// The entry goes away. Its reference becomes the caller's, who puts it after
// the TLB flush.
void RemoveRmap(AddressSpace& mm, Pfn pfn);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_RMAP_RMAP_H_
