#include "guest_mm/reclaim/oom.h"

#include "guest_mm/mm/limits.h"
#include "guest_mm/mm/mem_stats.h"
#include "guest_mm/pgtable/range_ops.h"

namespace faultline::mm {
namespace {

constexpr int kNeverKill = -1000;  // OOM_SCORE_ADJ_MIN

}  // namespace

PageCount OomTotalPages(MemoryManager& system) {
  return TotalRam(system) + system.swap().total();
}

std::optional<int64_t> OomBadness(const AddressSpace& mm, int score_adj) {
  if (score_adj == kNeverKill || mm.oom_skip) {
    return std::nullopt;
  }
  const PageCount used = mm.rss.total() + mm.rss.swap + TablePages(mm);
  const int64_t thousandth = int64_t(OomTotalPages(mm.system()).value()) / 1000;
  return int64_t(used.value()) + score_adj * thousandth;
}

void OomReapLocked(AddressSpace& mm) {
  mm.unstable = true;
  for (Vma& vma : mm.vmas()) {
    if (!vma.flags.any(VmaFlag::kHugeTlb | VmaFlag::kPfnMap) &&
        (vma.anonymous() || !vma.shared())) {
      ZapRange(mm, vma, vma.range);
    }
  }
  mm.oom_skip = true;
}

bool OomReap(AddressSpace& mm) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  if (!mm.mmap_lock().ReadTryAcquire()) {
    return false;
  }
  OomReapLocked(mm);
  mm.mmap_lock().ReadRelease();
  return true;
}

}  // namespace faultline::mm
