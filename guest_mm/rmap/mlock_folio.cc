#include "guest_mm/rmap/mlock_folio.h"

#include "absl/functional/function_ref.h"
#include "guest_mm/file/mapping.h"
#include "guest_mm/mm/address_space.h"

namespace faultline::mm {
namespace {

uint64_t PagesOf(const Frame& folio) { return uint64_t{1} << folio.order; }

// Could reclaim do something with it (folio_evictable())?
bool Evictable(const Frame& folio) {
  return folio.mapping == nullptr || folio.mapping->evictable();
}

// Its last lock has gone: it ages again.
void Unlock(MemoryManager& system, Pfn pfn) {
  PhysMem& phys = system.phys();
  ReclaimCounters& counters = system.reclaim_counters();
  Frame& folio = phys.folio(pfn);
  folio.mlocked = false;
  counters.nr_mlock -= PagesOf(folio);
  if (folio.lru == Lru::kUnevictable && Evictable(folio)) {
    phys.lru().Move(phys.HeadOf(pfn), InactiveList(folio.swap_backed));
    counters.unevictable_rescued += PagesOf(folio);
  }
}

// Each folio that an entry of `range` maps: once for an entry that maps all of
// it, else only folios of one page.
void ForEachFolio(Vma& vma, GuestRange range,
                  absl::FunctionRef<void(Pfn)> visit) {
  PageTable& table = vma.mm->page_table();
  PhysMem& phys = vma.mm->system().phys();
  table.ForEach(range, [&](const EntryRef& r, const Entry& seen) {
    if (seen.counted()) {
      LockGuard guard(table.LockOf(r));
      const Entry e = table.Get(r);
      if (e.counted() && (r.level > 0 || phys.folio(e.pfn()).order == 0)) {
        visit(e.pfn());
      }
    }
    return true;
  });
}

}  // namespace

void MlockFolio(MemoryManager& system, Pfn pfn) {
  PhysMem& phys = system.phys();
  ReclaimCounters& counters = system.reclaim_counters();
  Frame& folio = phys.folio(pfn);
  const uint64_t pages = PagesOf(folio);
  ++folio.mlock_count;
  if (folio.mlocked) {
    return;
  }
  folio.mlocked = true;
  counters.nr_mlock += pages;
  counters.unevictable_mlocked += pages;
  // Reclaim may have it in hand: then PutBack() sees the mark.
  if (folio.lru != Lru::kNone && folio.lru != Lru::kUnevictable) {
    phys.lru().Move(phys.HeadOf(pfn), Lru::kUnevictable);
    counters.unevictable_culled += pages;
  }
}

void MunlockFolio(MemoryManager& system, Pfn pfn) {
  Frame& folio = system.phys().folio(pfn);
  if (!folio.mlocked) {
    return;
  }
  folio.mlock_count -= folio.mlock_count > 0 ? 1 : 0;
  if (folio.mlock_count > 0) {
    return;
  }
  system.reclaim_counters().unevictable_munlocked += PagesOf(folio);
  Unlock(system, pfn);
}

void MlockVmaFolio(const Vma& vma, Pfn pfn) {
  if (vma.has(VmaFlag::kLocked)) [[unlikely]] {
    MlockFolio(vma.mm->system(), pfn);
  }
}

void MlockVmaPage(const Vma& vma, Pfn pfn) {
  if (vma.has(VmaFlag::kLocked) &&
      vma.mm->system().phys().folio(pfn).order == 0) [[unlikely]] {
    MlockFolio(vma.mm->system(), pfn);
  }
}

void MunlockVmaFolio(const Vma& vma, Pfn pfn) {
  if (vma.has(VmaFlag::kLocked)) [[unlikely]] {
    MunlockFolio(vma.mm->system(), pfn);
  }
}

void ForgetMlock(MemoryManager& system, Pfn pfn) {
  Frame& folio = system.phys().folio(pfn);
  if (folio.mlocked && FolioMapcount(folio) == 0) [[unlikely]] {
    system.reclaim_counters().unevictable_cleared += PagesOf(folio);
    folio.mlock_count = 0;
    Unlock(system, pfn);
  }
}

Lru ListAgain(const Frame& folio, Lru was) {
  if (folio.mlocked || !Evictable(folio)) {
    return Lru::kUnevictable;
  }
  return was == Lru::kUnevictable ? InactiveList(folio.swap_backed) : was;
}

void MlockVmaPages(Vma& vma, GuestRange range) {
  ForEachFolio(vma, range, [&](Pfn pfn) { MlockFolio(vma.mm->system(), pfn); });
}

void MunlockVmaPages(Vma& vma, GuestRange range) {
  ForEachFolio(vma, range,
               [&](Pfn pfn) { MunlockFolio(vma.mm->system(), pfn); });
}

}  // namespace faultline::mm
