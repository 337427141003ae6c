// MADV_COLD and MADV_PAGEOUT. Linux: mm/madvise.c
// madvise_cold_or_pageout_pte_range(), reclaim_pages() of mm/vmscan.c.

#include <utility>
#include <vector>

#include "guest_mm/calls/advice.h"
#include "guest_mm/reclaim/shrink_folio.h"
#include "guest_mm/rmap/rmap.h"
#include "guest_mm/thp/split_pmd.h"
#include "guest_mm/tlb.h"

namespace faultline::mm {
namespace {

class Chiller {
 public:
  Chiller(AddressSpace& mm, Vma& vma, GuestRange part, Advice advice)
      : system_(mm.system()),
        mm_(mm),
        vma_(vma),
        part_(part),
        page_out_(advice == Advice::kPageOut) {}

  void Run() {
    PageTable& table = mm_.page_table();
    table.ForEach(part_, [&](const EntryRef& ref, const Entry& seen) {
      if (seen.counted()) {
        LockGuard guard(table.LockOf(ref));
        Consider(ref, table.Get(ref));
      }
      if (isolated_.size() >= kBatch) {
        PageOut();
      }
      return true;
    });
    PageOut();
    if (changed_) {
      system_.tlb().FlushRange(mm_, part_);
    }
  }

 private:
  static constexpr size_t kBatch = 512;

  // Pages that others have mapped too are left to them.
  void Consider(const EntryRef& ref, Entry e) {
    PhysMem& phys = system_.phys();
    const uint64_t bytes =
        mm_.page_table().arch().geometry().EntryBytes(ref.level);
    if (!e.counted() || !part_.Contains(GuestRange::At(ref.address, bytes))) {
      return;
    }
    Frame& folio = phys.folio(e.pfn());
    if (LikelyMappedShared(folio) || folio.lru == Lru::kNone ||
        folio.lru == Lru::kUnevictable) {
      return;
    }
    folio.referenced = false;
    const Pfn head = phys.HeadOf(e.pfn());
    if (page_out_) {
      Isolate(system_, head);
      isolated_.push_back(head);
      return;
    }
    if (e.young()) {
      e.flags = e.flags.without(EntryFlag::kYoung);
      mm_.page_table().Set(ref, e);
      changed_ = true;
    }
    if (IsActive(folio.lru)) {  // folio_deactivate()
      phys.lru().Move(head, InactiveList(folio.swap_backed));
      ++system_.reclaim_counters().pgdeactivate;
    }
  }

  // Huge pages go page by page: those of them that the advice is about.
  void SplitHuge() {
    PhysMem& phys = system_.phys();
    std::vector<Pfn> pages;
    for (const Pfn head : isolated_) {
      const Frame& first = phys.frame(head);
      const uint64_t count = uint64_t{1} << first.order;
      if (count == 1 || !SplitIsolated(system_, head)) {
        pages.push_back(head);
        continue;
      }
      for (uint64_t n = 1; n < count; ++n) {
        const Frame& page = phys.frame(head + n);
        // Those that are still what they were.
        if (Advised(page) && page.use == FrameUse::kAnon &&
            page.lru != Lru::kNone && page.anon_vma == first.anon_vma &&
            page.index == first.index + n) {
          Isolate(system_, head + n);
          pages.push_back(head + n);
        }
      }
      if (Advised(first)) {
        pages.push_back(head);
      } else {
        PutBack(system_, head, Fate::kKeep);
      }
    }
    isolated_ = std::move(pages);
  }

  // The page's place is in the range.
  bool Advised(const Frame& page) const {
    const PageShift shift = mm_.page_shift();
    const uint64_t first = vma_.PageIndex(part_.start, shift);
    return page.index >= first &&
           page.index < first + part_.Pages(shift).value();
  }

  void PageOut() {
    SplitHuge();
    for (const Pfn head : isolated_) {
      (void)ShrinkOrPutBack(system_, head, UseCheck::kIgnore);
    }
    isolated_.clear();
  }

  MemoryManager& system_;
  AddressSpace& mm_;
  const Vma& vma_;
  const GuestRange part_;
  const bool page_out_;
  bool changed_ = false;
  std::vector<Pfn> isolated_;
};

}  // namespace

ErrnoOr<Done> AdviseReclaim(AddressSpace& mm, Vma& vma, GuestRange part,
                            Advice advice) {
  if (vma.flags.any(VmaFlag::kLocked | VmaFlag::kPfnMap |
                    VmaFlags(VmaFlag::kHugeTlb))) {
    return Errno::kEINVAL;
  }
  SplitHugePmdAtEdges(mm, vma, part);
  Chiller(mm, vma, part, advice).Run();
  return kDone;
}

}  // namespace faultline::mm
