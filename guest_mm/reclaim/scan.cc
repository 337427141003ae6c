#include "guest_mm/reclaim/scan.h"

#include <algorithm>
#include <vector>

#include "guest_mm/reclaim/folio_referenced.h"
#include "guest_mm/reclaim/shrink_folio.h"
#include "guest_mm/sync/scheduler.h"

namespace faultline::mm {
namespace {

constexpr uint64_t kMostSwappiness = 200;

// In the order in which shrink_lruvec() goes through them.
constexpr Lru kOrder[] = {Lru::kInactiveAnon, Lru::kActiveAnon,
                          Lru::kInactiveFile, Lru::kActiveFile};

bool IsAnon(Lru list) {
  return list == Lru::kInactiveAnon || list == Lru::kActiveAnon;
}
Lru ActiveOf(Lru inactive) {
  return ActiveList(inactive == Lru::kInactiveAnon);
}
Lru InactiveOf(Lru active) { return InactiveList(active == Lru::kActiveAnon); }

// Takes up to `count` of the oldest folios off the list, with references
// (isolate_lru_folios()).
std::vector<Pfn> IsolateOldest(MemoryManager& system, Lru list,
                               uint64_t count) {
  std::vector<Pfn> taken;
  while (taken.size() < count) {
    const std::optional<Pfn> oldest = system.phys().lru().Oldest(list);
    if (!oldest.has_value()) {
      break;
    }
    Isolate(system, *oldest);
    taken.push_back(*oldest);
  }
  return taken;
}

}  // namespace

uint64_t Scan::Size(Lru list) const {
  return system_.phys().lru().size(list).value();
}

bool Scan::CanSwap() const {
  return system_.swap().free() != PageCount() &&
         system_.sysctl().swappiness != 0;
}

// inactive_is_low(): a tenth or so of large machines' pages may be inactive,
// half of small ones'.
bool Scan::InactiveIsLow(Lru inactive) const {
  const uint64_t low = Size(inactive), active = Size(ActiveOf(inactive));
  const uint64_t gigabytes =
      PageCount(low + active).in_bytes(system_.page_shift()) >> 30;
  uint64_t ratio = 1;
  while (gigabytes > 0 && (ratio + 1) * (ratio + 1) <= 10 * gigabytes) {
    ++ratio;
  }
  return low * ratio < active;
}

// get_scan_count(), without its memory of what reclaim has cost so far.
std::array<uint64_t, Scan::kLists> Scan::ScanCounts(int priority) const {
  const uint64_t swappiness = system_.sysctl().swappiness;
  const bool only_file =
      !CanSwap() || ((Size(Lru::kInactiveFile) >> priority) != 0 &&
                     !InactiveIsLow(Lru::kInactiveFile) && priority > 0);
  std::array<uint64_t, kLists> counts = {};
  for (size_t i = 0; i < kLists; ++i) {
    const uint64_t some = Size(kOrder[i]) >> priority;
    const uint64_t share =
        IsAnon(kOrder[i]) ? swappiness : kMostSwappiness - swappiness;
    if (only_file) {
      counts[i] = IsAnon(kOrder[i]) ? 0 : some;
    } else {
      counts[i] = priority == 0
                      ? some
                      : (some * share + kMostSwappiness - 1) / kMostSwappiness;
    }
  }
  return counts;
}

uint64_t Scan::ShrinkLists(int priority, uint64_t target) {
  std::array<uint64_t, kLists> left = ScanCounts(priority);
  uint64_t freed = 0;
  while (freed < target &&
         std::any_of(left.begin(), left.end(), [](uint64_t n) { return n; })) {
    for (size_t i = 0; i < kLists; ++i) {
      const uint64_t count = std::min(left[i], kBatch);
      left[i] -= count;
      if (count == 0) {
        continue;
      }
      if (!IsActive(kOrder[i])) {
        freed += ShrinkInactive(kOrder[i], count);
      } else if (InactiveIsLow(InactiveOf(kOrder[i]))) {
        ShrinkActive(kOrder[i], count);
      }
    }
  }
  // Even if none was to be freed, anonymous pages are to age.
  if (CanSwap() && InactiveIsLow(Lru::kInactiveAnon)) {
    ShrinkActive(Lru::kActiveAnon, kBatch);
  }
  return freed;
}

uint64_t Scan::ShrinkInactive(Lru list, uint64_t count) {
  Scheduler::PointIfActive(kReclaimBatchPoint);
  ReclaimCounters& counters = system_.reclaim_counters();
  const std::vector<Pfn> pages = IsolateOldest(system_, list, count);
  uint64_t freed = 0;
  for (const Pfn head : pages) {
    const Fate fate = ShrinkOrPutBack(system_, head, UseCheck::kHeed);
    freed += fate == Fate::kFreed ? 1 : 0;
  }
  const bool kswapd = who_ == Reclaimer::kKswapd;
  (kswapd ? counters.pgscan_kswapd : counters.pgscan_direct) += pages.size();
  (kswapd ? counters.pgsteal_kswapd : counters.pgsteal_direct) += freed;
  (IsAnon(list) ? counters.pgscan_anon : counters.pgscan_file) += pages.size();
  (IsAnon(list) ? counters.pgsteal_anon : counters.pgsteal_file) += freed;
  return freed;
}

void Scan::ShrinkActive(Lru list,
                        uint64_t count) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  Scheduler::PointIfActive(kReclaimBatchPoint);
  ReclaimCounters& counters = system_.reclaim_counters();
  const std::vector<Pfn> pages = IsolateOldest(system_, list, count);
  counters.pgrefill += pages.size();
  for (const Pfn head : pages) {
    Frame& folio = system_.phys().frame(head);
    References refs;
    if (folio.lock.TryAcquire()) {
      refs = FolioReferenced(system_, head);
      folio.lock.Release();
    }
    // Code that runs stays active a while longer.
    const bool keep = refs.locked || (refs.executable && !IsAnon(list));
    counters.pgdeactivate += keep ? 0 : 1;
    PutBack(system_, head, keep ? Fate::kActivate : Fate::kKeep);
  }
}

}  // namespace faultline::mm
