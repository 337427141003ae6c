#include "guest_mm/calls/injected_pages.h"

#include <vector>

#include "guest_mm/gup/gup.h"
#include "guest_mm/hugetlb/reservation.h"
#include "guest_mm/rmap/pin.h"

namespace faultline::mm {

ErrnoOr<Done> ForEachInjected(AddressSpace& mm, GuestRange range,
                              InjectedVisitor visit) {
  PhysMem& phys = mm.system().phys();
  for (GuestAddr a = range.start; a < range.end;) {
    std::vector<Pfn> pages;
    const ErrnoOr<uint64_t> got = GetUserPagesFast(mm, a, 1, {}, &pages);
    if (!got.ok()) {
      return got.error() == Errno::kEINTR ? Errno::kEINTR : Errno::kEFAULT;
    }
    const Pfn pfn = pages.front();
    // As it was before: what becomes of it may be smaller.
    const uint64_t bytes = mm.page_shift().bytes() << phys.folio(pfn).order;
    const ErrnoOr<Done> done = visit(a, pfn);
    ReleasePage(mm.system(), pfn, Grab::kGet);
    FL_TRY(done);
    a += bytes;
    if (a.value() < bytes) {
      break;
    }
  }
  return kDone;
}

HugePagePlace PlaceAt(AddressSpace& mm, GuestAddr a) {
  ReadGuard guard(mm.mmap_lock());
  const Vma* const v = mm.vmas().Find(a);
  if (v == nullptr || v->file == nullptr) {
    return {};
  }
  return {v->file, v->hugetlb() ? HugeIndex(*v, a) : 0};
}

}  // namespace faultline::mm
