#ifndef FAULTLINE_GUEST_MM_HUGETLB_RMAP_H_
#define FAULTLINE_GUEST_MM_HUGETLB_RMAP_H_

// What a huge page of a pool knows of the entries that map it. Linux: mm/
// rmap.c hugetlb_add_new_anon_rmap() and its kin. Such pages are mapped whole
// or not at all, are on no LRU list and in no space's rss. Under the lock of
// the entry's table.

#include "guest_mm/base/check.h"
#include "guest_mm/hugetlb/reservation.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/vma/anon_vma.h"

namespace faultline::mm {

// One more entry, in `mm`; the caller's reference is the entry's now.
inline void AddHugetlbRmap(AddressSpace& mm, Frame& folio) {
  ++folio.entire_mapcount;
  ++folio.large_mapcount;
  mm.rss.hugetlb += PageCount(uint64_t{1} << folio.order);
}

// The first entry of a page of private memory.
inline void AddNewAnonHugetlbRmap(Vma& vma, GuestAddr address, Frame& folio) {
  FL_DCHECK(vma.anon_vma != nullptr && FolioMapcount(folio) == 0);
  folio.anon_vma = vma.anon_vma.get();
  folio.index = vma.PageIndex(address, vma.mm->page_shift());
  folio.anon_exclusive = true;
  folio.restore_reserve = false;
  AddHugetlbRmap(*vma.mm, folio);
}

// The entry goes; its reference is the caller's.
inline void RemoveHugetlbRmap(AddressSpace& mm, Frame& folio) {
  FL_CHECK(folio.entire_mapcount > 0);
  --folio.entire_mapcount;
  --folio.large_mapcount;
  mm.rss.hugetlb -= PageCount(uint64_t{1} << folio.order);
}

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_HUGETLB_RMAP_H_
