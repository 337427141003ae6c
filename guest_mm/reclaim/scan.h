#ifndef FAULTLINE_GUEST_MM_RECLAIM_SCAN_H_
#define FAULTLINE_GUEST_MM_RECLAIM_SCAN_H_

// One look through the LRU lists. Linux: mm/vmscan.c shrink_lruvec() with
// get_scan_count(), shrink_inactive_list() and shrink_active_list().
//
// A page comes onto the young end of an inactive list. Unused there until it is
// the oldest, it goes; used twice, it becomes active. Active pages come back to
// the inactive list in the order of their age, when that has become short.

#include <array>
#include <cstdint>

#include "guest_mm/mm/memory_manager.h"
#include "guest_mm/reclaim/reclaim_counters.h"
#include "guest_mm/sync/point.h"

namespace faultline::mm {

// Between two batches of pages.
inline constexpr PointSite kReclaimBatchPoint{"reclaim.batch"};

class Scan {
 public:
  // Pages looked at between two schedule points, and freed at a time
  // (SWAP_CLUSTER_MAX).
  static constexpr uint64_t kBatch = 32;
  // A list's 2^-12 first; all of it at priority 0 (DEF_PRIORITY).
  static constexpr int kFirstPriority = 12;

  Scan(MemoryManager& system, Reclaimer who) : system_(system), who_(who) {}

  // Looks at 2^-priority of each list, until `target` pages are freed; returns
  // how many were.
  uint64_t ShrinkLists(int priority, uint64_t target);

 private:
  static constexpr size_t kLists = 4;  // those that can be reclaimed from
  std::array<uint64_t, kLists> ScanCounts(int priority) const;
  uint64_t ShrinkInactive(Lru list, uint64_t count);
  void ShrinkActive(Lru list, uint64_t count);
  uint64_t Size(Lru list) const;
  bool InactiveIsLow(Lru inactive) const;
  bool CanSwap() const;

  MemoryManager& system_;
  const Reclaimer who_;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_RECLAIM_SCAN_H_
