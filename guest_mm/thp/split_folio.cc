#include "guest_mm/thp/split_folio.h"

#include <algorithm>
#include <memory>

#include "guest_mm/rmap/migration.h"
#include "guest_mm/sync/scheduler.h"
#include "guest_mm/vma/anon_vma.h"

namespace faultline::mm {
namespace {

// can_split_folio(): the entries' references, the page cache's and the
// caller's are all.
bool NobodyElseHas(const Frame& folio) {
  return folio.refcount == FolioMapcount(folio) + CacheReferences(folio) + 1;
}

// __split_huge_page(), as far as the frames go: all locked but the head, which
// is already, each with one reference. Nobody else runs meanwhile.
void BreakUp(PhysMem& phys, Pfn head, uint64_t pages) {
  phys.SplitBlock(head);
  for (uint64_t i = 1; i < pages; ++i) {
    phys.frame(head + i).lock.AcquireNew();
  }
}

// The caller keeps the lock and the reference of `kept`.
void LetGoOfAllBut(PhysMem& phys, Pfn kept, Pfn head,
                   uint64_t pages) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  for (uint64_t i = pages; i-- > 0;) {
    if (head + i != kept) {
      phys.frame(head + i).lock.Release();
      phys.Put(head + i);
    }
  }
}

ErrnoOr<Done> SplitAnon(MemoryManager& system, Pfn page) {
  PhysMem& phys = system.phys();
  const Pfn head = phys.HeadOf(page);
  Frame& folio = phys.frame(head);
  const FolioSpan span = SpanOf(folio);
  // folio_get_anon_vma().
  const std::shared_ptr<AnonVma> anon_vma =
      FolioMapcount(folio) > 0 ? folio.anon_vma->Hold() : nullptr;
  if (anon_vma == nullptr) {
    return Errno::kEBUSY;
  }
  {
    WriteGuard guard(anon_vma->lock());
    if (!NobodyElseHas(folio)) {
      return Errno::kEAGAIN;
    }
    TryToUnmapLocked(*anon_vma, system, head,
                     {.ignore_mlock = true, .split_huge = true},
                     MigrationEntry);
    Scheduler::PointIfActive(kSplitUnmappedPoint);
    const bool alone = folio.refcount == 1;
    if (alone) {
      BreakUp(phys, head, span.pages);
    }
    const bool share =
        alone && system.behaviours().thp_split_zeros() == SplitZeros::kShared;
    RemoveMigrationEntries(*anon_vma, system, span, head,
                           share ? PagesOfZeros::kShared : PagesOfZeros::kKept);
    if (!alone) {
      return Errno::kEAGAIN;
    }
  }
  LetGoOfAllBut(phys, page, head, span.pages);
  return kDone;
}

// A file's pages leave no marks: faults find them again in the page cache, and
// wait there for the lock.
ErrnoOr<Done> SplitFile(MemoryManager& system, Pfn page) {
  PhysMem& phys = system.phys();
  const Pfn head = phys.HeadOf(page);
  Frame& folio = phys.frame(head);
  const FolioSpan span = SpanOf(folio);
  if (folio.mapping == nullptr) {
    return Errno::kEBUSY;  // truncated
  }
  Mapping& mapping = *folio.mapping;
  {
    LockGuard guard(mapping.i_mmap_lock());
    if (!NobodyElseHas(folio)) {
      return Errno::kEAGAIN;
    }
    TryToUnmapLocked(mapping, system, head,
                     {.ignore_mlock = true, .split_huge = true},
                     [](const UnmappedEntry&) { return Entry::None(); });
    Scheduler::PointIfActive(kSplitUnmappedPoint);
    if (FolioMapcount(folio) > 0 || !NobodyElseHas(folio)) {
      return Errno::kEAGAIN;
    }
    BreakUp(phys, head, span.pages);
    mapping.WasSplit(span);
  }
  LetGoOfAllBut(phys, page, head, span.pages);
  return kDone;
}

// One folio of the queue. It is off the queue meanwhile, and back on it if it
// could not be split.
void SplitQueued(MemoryManager& system,
                 Pfn head) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  PhysMem& phys = system.phys();
  Frame& folio = phys.frame(head);
  phys.Get(head);
  if (folio.lock.TryAcquire()) {
    if (folio.partially_mapped) {
      (void)SplitFolio(system, head);
    }
    phys.frame(head).lock.Release();
  }
  phys.Put(head);
}

}  // namespace

ErrnoOr<Done> SplitFolio(MemoryManager& system, Pfn page) {
  Frame& folio = system.phys().folio(page);
  folio.lock.AssertHeld();
  ErrnoOr<Done> result = Errno::kEBUSY;
  if (folio.use == FrameUse::kAnon && folio.order > 0) {
    result = SplitAnon(system, page);
  } else if (folio.use == FrameUse::kPageCache && folio.order > 0) {
    result = SplitFile(system, page);
  }
  ThpCounters& counters = system.thp().counters;
  ++(result.ok() ? counters.split_page : counters.split_page_failed);
  return result;
}

PageCount SplitDeferred(MemoryManager& system, uint64_t most) {
  DeferredSplitQueue& queue = system.phys().deferred_split();
  const PageCount before = system.phys().free();
  for (uint64_t n = std::min<uint64_t>(most, queue.size()); n > 0; --n) {
    if (queue.empty()) {
      break;  // others were at it, too
    }
    const Pfn head = queue.First();
    // If it cannot be had, the next call tries it after the others.
    queue.Remove(head);
    queue.Add(head);
    SplitQueued(system, head);
  }
  const PageCount after = system.phys().free();
  return after > before ? after - before : PageCount();
}

}  // namespace faultline::mm
