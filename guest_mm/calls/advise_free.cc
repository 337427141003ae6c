// MADV_FREE. Linux: mm/madvise.c madvise_free_single_vma(),
// madvise_free_pte_range().

#include "guest_mm/calls/advice.h"
#include "guest_mm/thp/split_pmd.h"
#include "guest_mm/tlb.h"

namespace faultline::mm {
namespace {

class Freer {
 public:
  Freer(AddressSpace& mm, GuestRange part)
      : mm_(mm), table_(mm.page_table()), part_(part) {}

  void Run() {
    table_.ForEach(part_, [this](const EntryRef& ref, const Entry& seen) {
      if (seen.counted() || seen.swap() || Poisoned(seen)) {
        LockGuard guard(table_.LockOf(ref));
        Free(ref, table_.Get(ref));
      }
      return true;
    });
    if (changed_) {
      mm_.system().tlb().FlushRange(mm_, part_);
    }
  }

 private:
  static bool Poisoned(const Entry& e) {
    return e.kind == EntryKind::kHwPoison || e.marker(kMarkerPoison);
  }

  void Free(const EntryRef& ref, Entry e) {
    if (e.swap()) {  // what swap has is given up at once
      table_.Set(ref, Entry::None());
      mm_.rss.swap -= PageCount(1);
      mm_.system().swap().DropAndCache(e.slot());
      return;
    }
    if (Poisoned(e)) {
      table_.Set(ref, Entry::None());
      return;
    }
    const uint64_t bytes = table_.arch().geometry().EntryBytes(ref.level);
    // A huge page may have come since the edges were split.
    if (!e.counted() || !part_.Contains(GuestRange::At(ref.address, bytes)) ||
        !ForgetWrites(e.pfn())) {
      return;
    }
    if (e.young() || e.dirty()) {
      e.flags = e.flags.without(EntryFlag::kYoung).without(EntryFlag::kDirty);
      table_.Set(ref, e);
      changed_ = true;
    }
  }

  // Page, and copy in swap, may go from now on (folio_mark_lazyfree()). False:
  // others have it too, or are at work on it.
  bool ForgetWrites(Pfn pfn) {
    PhysMem& phys = mm_.system().phys();
    Frame& folio = phys.folio(pfn);
    const bool shared = PageMapcount(folio, phys.frame(pfn)) != 1;
    if (folio.use != FrameUse::kAnon || (shared && folio.order > 0)) {
      return false;
    }
    if (InSwapCache(folio) || folio.dirty) {
      if (folio.lock.locked() || shared ||
          (InSwapCache(folio) && !mm_.system().swap().FreeSwap(pfn))) {
        return false;
      }
      folio.dirty = false;
    }
    mm_.system().reclaim_counters().pglazyfree += folio.swap_backed ? 1 : 0;
    folio.swap_backed = false;
    folio.referenced = false;
    if (folio.lru != Lru::kNone) {  // among the first to go
      phys.lru().Move(phys.HeadOf(pfn), Lru::kInactiveFile);
    }
    return true;
  }

  AddressSpace& mm_;
  PageTable& table_;
  const GuestRange part_;
  bool changed_ = false;
};

}  // namespace

ErrnoOr<Done> AdviseFree(AddressSpace& mm, Vma& vma, GuestRange part) {
  if (!vma.anonymous()) {
    return Errno::kEINVAL;
  }
  SplitHugePmdAtEdges(mm, vma, part);
  Freer(mm, part).Run();
  return kDone;
}

}  // namespace faultline::mm
