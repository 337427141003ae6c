#include "guest_mm/reclaim/reclaim.h"

#include <algorithm>

#include "guest_mm/reclaim/oom.h"
#include "guest_mm/reclaim/scan.h"
#include "guest_mm/sync/scheduler.h"
#include "guest_mm/thp/split_folio.h"

namespace faultline::mm {
namespace {

constexpr int kMostFailures = 16;  // MAX_RECLAIM_RETRIES
constexpr int kCostlyOrder = 3;    // PAGE_ALLOC_COSTLY_ORDER
// Reclaim takes the locks of reverse maps: from this rank on its caller has one
// of theirs already, or spins (docs/locking.md).
constexpr int kFirstForbiddenRank = 50;

// __GFP_DIRECT_RECLAIM: may this allocation wait for reclaim? Large pages are
// had at once or not at all.
bool MayReclaim(int order) {
  const Actor* const me = Scheduler::Current();
  if (order > kCostlyOrder) {
    return false;
  }
  if (me == nullptr) {
    return true;
  }
  // Who dies gives back more than it takes (ALLOC_OOM).
  return me->interruption() != Interruption::kFatal &&
         std::none_of(me->held().begin(), me->held().end(),
                      [](const HeldLock& held) {
                        return held.lock_class->rank >= kFirstForbiddenRank;
                      });
}

// The kernel's own objects are asked for by system calls, which can say ENOMEM;
// nobody is killed for them.
bool Kills(AllocPurpose purpose) { return purpose != AllocPurpose::kKernel; }

}  // namespace

Reclaim::Reclaim(MemoryManager& system) : system_(system) {
  set_min_free_kbytes(
      DefaultMinFreeKbytes(system.phys().total(), system.phys().page_shift()));
}

void Reclaim::set_min_free_kbytes(uint64_t kbytes) {
  const PhysMem& phys = system_.phys();
  min_free_kbytes_ = kbytes;
  marks_ = WatermarksFor(kbytes, phys.total(), phys.page_shift());
}

PageCount Reclaim::free() const { return system_.phys().free(); }

void Reclaim::MakeRoom(AllocPurpose purpose, int order) {
  const PageCount wanted(uint64_t{1} << order);
  WakeKswapd();
  while (free() < marks_.min + wanted && MayReclaim(order)) {
    Scheduler::PointIfActive(kDirectReclaimPoint);
    ++system_.reclaim_counters().allocstall;
    if (FreePages(Scan::kBatch) > 0) {
      kswapd_failures_ = 0;
    } else if (!Kills(purpose) || oom_ == nullptr ||
               !oom_->OutOfMemory({purpose, order})) {
      return;
    }
  }
}

uint64_t Reclaim::FreePages(uint64_t target) {
  Scan scan(system_, Reclaimer::kDirect);
  // What parts of huge pages keep in memory for nothing goes first.
  uint64_t freed = SplitDeferred(system_, Scan::kBatch).value();
  for (int priority = Scan::kFirstPriority; priority >= 0 && freed < target;
       --priority) {
    freed += scan.ShrinkLists(priority, target - freed);
  }
  return freed;
}

// It is made when first wanted, so that who has memory enough never sees it.
void Reclaim::WakeKswapd() {
  if (kswapd_failures_ >= kMostFailures) {
    return;
  }
  if (!kswapd_wait_.empty()) {
    kswapd_wait_.WakeOne();
    return;
  }
  Scheduler* const scheduler = Scheduler::Active();
  if (!kswapd_at_work_ && scheduler != nullptr && scheduler->ReserveStack()) {
    kswapd_at_work_ = true;
    scheduler->SpawnDaemon("kswapd0", [this] { Kswapd(); });
  }
}

void Reclaim::Kswapd() {
  for (;;) {
    Balance();
    kswapd_at_work_ = false;
    Scheduler::Active()->Wait(kswapd_wait_, Interruptible::kYes);
    kswapd_at_work_ = true;
  }
}

// balance_pgdat().
void Reclaim::Balance() {
  Scan scan(system_, Reclaimer::kKswapd);
  ++system_.reclaim_counters().pageoutrun;
  uint64_t freed = 0;
  for (int priority = Scan::kFirstPriority;
       priority > 0 && free() < marks_.high; --priority) {
    const uint64_t wanted = (marks_.high - free()).value();
    uint64_t round = 0;
    do {
      round = scan.ShrinkLists(priority, wanted);
      freed += round;
    } while (round > 0 && free() < marks_.high);
  }
  kswapd_failures_ =
      freed > 0 || free() >= marks_.high ? 0 : kswapd_failures_ + 1;
}

}  // namespace faultline::mm
