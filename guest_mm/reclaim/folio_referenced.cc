#include "guest_mm/reclaim/folio_referenced.h"

#include "guest_mm/mm/flush_tlb.h"
#include "guest_mm/rmap/rmap_walk.h"

namespace faultline::mm {

References FolioReferenced(MemoryManager& system, Pfn head) {
  References seen;
  const Frame& folio = system.phys().frame(head);
  const uint64_t pages = uint64_t{1} << folio.order;
  if (FolioMapcount(folio) == 0) {
    return seen;
  }
  RmapWalk(system.phys(), head, [&](Vma& vma, GuestRange range) {
    if (vma.has(VmaFlag::kLocked)) {
      seen.locked = true;
      return false;
    }
    AddressSpace& mm = *vma.mm;
    VisitEntries(vma, range, head, pages, Seek::kPresent,
                 [&](const EntryRef& ref, const Entry& e) {
                   // Memory that is only passed over once is not in use.
                   if (!e.young() || vma.has(VmaFlag::kSeqRead)) {
                     return true;
                   }
                   Entry old = e;
                   old.flags = e.flags.without(EntryFlag::kYoung);
                   mm.page_table().Set(ref, old);
                   // Else the engine would not set the bit again.
                   FlushTlb(
                       mm, GuestRange::At(
                               ref.address,
                               system.arch().geometry().EntryBytes(ref.level)));
                   ++seen.entries;
                   seen.executable |= vma.has(VmaFlag::kExec);
                   return true;
                 });
    return true;
  });
  return seen;
}

}  // namespace faultline::mm
