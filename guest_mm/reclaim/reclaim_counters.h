#ifndef FAULTLINE_GUEST_MM_RECLAIM_RECLAIM_COUNTERS_H_
#define FAULTLINE_GUEST_MM_RECLAIM_RECLAIM_COUNTERS_H_

// What reclaim has done, in the names of /proc/vmstat, and its knobs.

#include <cstdint>

namespace faultline::mm {

// Who reclaims: the daemon, or whoever wants memory.
enum class Reclaimer : uint8_t { kKswapd, kDirect };

struct ReclaimCounters {
  uint64_t pgscan_kswapd = 0;
  uint64_t pgscan_direct = 0;
  uint64_t pgscan_anon = 0;
  uint64_t pgscan_file = 0;
  uint64_t pgsteal_kswapd = 0;
  uint64_t pgsteal_direct = 0;
  uint64_t pgsteal_anon = 0;
  uint64_t pgsteal_file = 0;
  uint64_t pgactivate = 0;
  uint64_t pgdeactivate = 0;
  uint64_t pglazyfree = 0;
  uint64_t pglazyfreed = 0;
  uint64_t pgrefill = 0;
  uint64_t pageoutrun = 0;  // times that kswapd had to work
  uint64_t allocstall = 0;  // times that an allocation had to
  uint64_t oom_kill = 0;
  // Locked memory, in base pages: now, and unevictable_pgs_* so far.
  uint64_t nr_mlock = 0;
  uint64_t unevictable_culled = 0;
  uint64_t unevictable_rescued = 0;
  uint64_t unevictable_mlocked = 0;
  uint64_t unevictable_munlocked = 0;
  uint64_t unevictable_cleared = 0;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_RECLAIM_RECLAIM_COUNTERS_H_
