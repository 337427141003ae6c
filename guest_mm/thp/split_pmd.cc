#include "guest_mm/thp/split_pmd.h"

#include "guest_mm/base/check.h"
#include "guest_mm/rmap/rmap.h"
#include "guest_mm/tlb.h"

namespace faultline::mm {

void SplitHugePmd(AddressSpace& mm, Vma& vma, GuestAddr a) {
  PageTable& table = mm.page_table();
  const EntryRef r = table.Find(a, PagingGeometry::kHugeLevel);
  if (!r) {
    return;
  }
  LockGuard guard(table.LockOf(r));
  const Entry e = table.Get(r);
  if (e.present()) {
    SplitHugePmdLocked(mm, vma, r, e);
  }
}

void SplitHugePmdLocked(AddressSpace& mm, Vma& vma, const EntryRef& r,
                        const Entry& e) {
  FL_CHECK(vma.anonymous());  // files' pages are not mapped huge yet
  PageTable& table = mm.page_table();
  ++mm.system().thp().counters.split_pmd;
  const Pfn spare = table.Withdraw(r);
  const PagingGeometry& g = mm.system().arch().geometry();
  EntryRef base{0, spare, mm.system().phys().Words(spare), r.address};
  for (uint64_t i = 0; i < g.HugePages(); ++i) {
    table.Set(base,
              Entry::Page(e.special() ? mm.system().zero_page() : e.pfn() + i,
                          e.flags));
    ++base.word;
    base.address += g.page_shift.bytes();
  }
  if (e.counted()) {
    SplitPmdRmap(mm, e.pfn());
  }
  table.Install(r, spare);
  if (e.special()) {
    mm.system().tlb().FlushRange(mm, GuestRange::At(r.address, g.HugeBytes()));
    ++mm.system().counters().tlb_flushes;
  }
}

void SplitHugePmdAtEdges(AddressSpace& mm, Vma& vma, GuestRange range) {
  const uint64_t huge = mm.system().arch().geometry().HugeBytes();
  for (const GuestAddr edge : {range.start, range.end}) {
    if (edge.AlignDown(huge) != edge) {
      SplitHugePmd(mm, vma, edge);
    }
  }
}

}  // namespace faultline::mm
