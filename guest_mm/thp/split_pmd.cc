#include "guest_mm/thp/split_pmd.h"

#include "guest_mm/mm/flush_tlb.h"
#include "guest_mm/rmap/mlock_folio.h"
#include "guest_mm/rmap/rmap.h"

namespace faultline::mm {
namespace {

// A file's page is had again by a fault, as base pages where they are wanted.
void Drop(AddressSpace& mm, const Vma& vma, const EntryRef& r, const Entry& e) {
  mm.page_table().Set(r, Entry::None());
  FlushTlb(
      mm, GuestRange::At(r.address, mm.system().arch().geometry().HugeBytes()));
  Frame& folio = mm.system().phys().frame(e.pfn());
  folio.dirty |= e.dirty();
  folio.referenced |= e.young();
  MunlockVmaFolio(vma, e.pfn());
  RemoveRmapPmd(mm, e.pfn());
  mm.system().phys().Put(e.pfn());
}

}  // namespace

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
  PageTable& table = mm.page_table();
  ++mm.system().thp().counters.split_pmd;
  if (!vma.anonymous()) {
    Drop(mm, vma, r, e);
    return;
  }
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
    FlushTlb(mm, GuestRange::At(r.address, g.HugeBytes()));
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
