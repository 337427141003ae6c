#include "guest_mm/thp/split_huge_pages.h"

#include "guest_mm/file/mapping.h"
#include "guest_mm/thp/split_folio.h"

namespace faultline::mm {
namespace {

// vma_not_suitable_for_thp_split().
constexpr VmaFlags kNotLookedAt = VmaFlag::kIo | VmaFlag::kPfnMap |
                                  VmaFlags(VmaFlag::kDontExpand) |
                                  VmaFlag::kHugeTlb;

// The folio of `page`, which is a huge one.
void SplitOne(MemoryManager& system, Pfn page,
              SplitCount* count) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  PhysMem& phys = system.phys();
  ++count->total;
  phys.Get(page);
  Frame& folio = phys.folio(page);
  if (folio.lock.TryAcquire()) {
    count->split += SplitFolio(system, page).ok() ? 1 : 0;
    phys.folio(page).lock.Release();
  }
  phys.Put(page);
}

bool IsHuge(const PhysMem& phys, Pfn pfn) {
  const Frame& folio = phys.folio(pfn);
  return folio.order > 0 &&
         (folio.use == FrameUse::kAnon || folio.use == FrameUse::kPageCache);
}

}  // namespace

SplitCount SplitHugePagesIn(AddressSpace& mm, GuestRange range) {
  SplitCount count;
  const PhysMem& phys = mm.system().phys();
  ReadGuard guard(mm.mmap_lock());
  for (GuestAddr a = range.start; a < range.end; a += mm.page_shift().bytes()) {
    const Vma* const vma = mm.vmas().FindAtOrAbove(a);
    if (vma == nullptr || vma->range.start >= range.end) {
      break;
    }
    if (!vma->range.Contains(a)) {
      a = vma->range.start;
    }
    const EntryRef r = mm.page_table().Walk(a);
    const Entry e = mm.page_table().Get(r);
    if (e.counted() && IsHuge(phys, e.pfn()) && !vma->flags.any(kNotLookedAt)) {
      SplitOne(mm.system(),
               e.pfn() + ((a - r.address) >> mm.page_shift().value()), &count);
    }
  }
  return count;
}

SplitCount SplitHugePagesOf(MemoryManager& system, const Mapping& mapping,
                            uint64_t first, uint64_t end) {
  SplitCount count;
  for (auto page = mapping.pages().NextFrom(first); page && page->index < end;
       page = mapping.pages().NextFrom(page->index + 1)) {
    if (IsHuge(system.phys(), page->pfn)) {
      SplitOne(system, page->pfn, &count);
    }
  }
  return count;
}

SplitCount SplitAllHugePages(MemoryManager& system) {
  SplitCount count;
  PhysMem& phys = system.phys();
  for (Pfn pfn; pfn < Pfn(phys.total().value()); pfn = pfn + 1) {
    const Frame* const frame = phys.FrameIfMade(pfn);
    if (frame != nullptr && frame->use != FrameUse::kTail &&
        IsHuge(phys, pfn)) {
      SplitOne(system, pfn, &count);
    }
  }
  return count;
}

}  // namespace faultline::mm
