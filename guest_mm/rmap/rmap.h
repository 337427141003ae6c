#ifndef FAULTLINE_GUEST_MM_RMAP_RMAP_H_
#define FAULTLINE_GUEST_MM_RMAP_RMAP_H_

// What a frame knows of the entries that map it, and the space's rss with it.
// Linux: mm/rmap.c folio_add_new_anon_rmap() and its neighbours.
// All are called with the page-table lock of the entry held, beside the Set()
// of the entry: mapcounts count entries, and each entry owns a reference.
// The ...Pmd functions are for entries that map a huge folio whole.

#include "guest_mm/base/addr.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/vma/vma.h"

namespace faultline::mm {

// The count of `mm` that pages of the folio are in (mm_counter()).
PageCount& RssOf(AddressSpace& mm, const Frame& folio);

// Do several entries, as far as can be told at a glance, map it
// (folio_likely_mapped_shared())? For a folio that is mapped page by page the
// first page tells for all.
bool LikelyMappedShared(const Frame& folio);

// A fresh private folio gets its first entry, which maps all of it. The
// caller's reference becomes the entry's. The folio is exclusive: only this
// entry can reach it.
void AddNewAnonRmap(AddressSpace& mm, Vma& vma, GuestAddr address, Pfn pfn);

// A private page that was in swap gets an entry, perhaps not its only one. The
// caller's reference becomes the entry's (folio_add_anon_rmap_ptes(); for a
// page that was just read, folio_add_new_anon_rmap()).
enum class Exclusive : uint8_t { kNo, kYes };
void AddAnonRmap(AddressSpace& mm, Vma& vma, GuestAddr address, Pfn pfn,
                 Exclusive exclusive);

// A page-cache page gets one more entry. The caller's reference becomes the
// entry's.
void AddFileRmap(AddressSpace& mm, Pfn pfn);
void AddFileRmapPmd(AddressSpace& mm, Pfn head);

// The mark of a page that was being moved becomes an entry again. The caller's
// reference becomes the entry's. The mark was in rss all the time.
void RestoreRmap(AddressSpace& mm, Pfn pfn, bool exclusive);

// fork: one more entry, in `dst`, for a page that `src`'s entry maps. Takes
// the new entry's reference. An anonymous page is exclusive no more.
void DupRmap(AddressSpace& dst, Pfn pfn);
void DupRmapPmd(AddressSpace& dst, Pfn head);

// The entry goes away. Its reference becomes the caller's, who puts it after
// the TLB flush. An anonymous folio of which other pages stay mapped joins
// the queue of those to be split.
void RemoveRmap(AddressSpace& mm, Pfn pfn);
void RemoveRmapPmd(AddressSpace& mm, Pfn head);

// The entry that maps the folio whole becomes one for each page; rss stays.
void SplitPmdRmap(AddressSpace& mm, Pfn head);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_RMAP_RMAP_H_
