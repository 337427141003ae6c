#ifndef FAULTLINE_GUEST_MM_RECLAIM_RECLAIM_H_
#define FAULTLINE_GUEST_MM_RECLAIM_RECLAIM_H_

// Reclaim: finds room when memory is short. Linux: mm/vmscan.c kswapd(),
// try_to_free_pages(), and the slow path of mm/page_alloc.c.
//
// An allocation that would leave less than the low mark wakes kswapd, an actor
// of its own, which works until the high mark is reached or nothing more can
// go. One that would leave less than the min mark reclaims itself (direct
// reclaim). If that brings nothing, the OOM killer is asked; and if that brings
// nothing, or the allocation is not one to kill for, the frames under the min
// mark are what is left.

#include <cstdint>

#include "guest_mm/mm/memory_manager.h"
#include "guest_mm/phys/memory_pressure.h"
#include "guest_mm/reclaim/reclaim_counters.h"
#include "guest_mm/reclaim/watermarks.h"
#include "guest_mm/sync/point.h"
#include "guest_mm/sync/wait_queue.h"

namespace faultline::mm {

// An allocation is about to reclaim by itself.
inline constexpr PointSite kDirectReclaimPoint{"reclaim.direct"};

class OomHandler;

class Reclaim final : public MemoryPressure {
 public:
  // `system` outlives it, and has its PhysMem.
  explicit Reclaim(MemoryManager& system);

  bool Plenty(PageCount free) const override { return free >= marks_.low; }
  void MakeRoom(AllocPurpose purpose, int order) override;

  // Who kills when nothing else helps; null: nobody. It outlives the machine.
  void set_oom_handler(OomHandler* handler) { oom_ = handler; }

  // /proc/sys/vm/min_free_kbytes.
  uint64_t min_free_kbytes() const { return min_free_kbytes_; }
  void set_min_free_kbytes(uint64_t kbytes);
  const Watermarks& marks() const { return marks_; }

  // Tries to free `target` pages by whatever it takes; returns how many it
  // freed (try_to_free_pages()).
  uint64_t FreePages(uint64_t target);

 private:
  void WakeKswapd();
  void Kswapd();
  void Balance();
  PageCount free() const;

  MemoryManager& system_;
  OomHandler* oom_ = nullptr;
  uint64_t min_free_kbytes_;
  Watermarks marks_;
  WaitQueue kswapd_wait_{"kswapd"};
  bool kswapd_at_work_ = false;
  // Rounds of kswapd's that freed nothing; with too many it is left alone until
  // somebody else has more luck (pgdat->kswapd_failures).
  int kswapd_failures_ = 0;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_RECLAIM_RECLAIM_H_
