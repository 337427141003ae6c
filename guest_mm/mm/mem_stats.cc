#include "guest_mm/mm/mem_stats.h"

#include <algorithm>

namespace faultline::mm {
namespace {

// smaps_account() and smaps_page_accumulate(): one entry, `bytes` large.
void Account(const Frame& frame, const Entry& entry, bool locked,
             uint64_t bytes, MemStats* s) {
  const bool anon = frame.use == FrameUse::kAnon;
  const bool dirty = entry.dirty() || frame.dirty;
  const uint64_t sharers = uint64_t(std::max(frame.mapcount, 1));
  const uint64_t pss = (bytes << kPssShift) / sharers;
  s->rss += bytes;
  s->pss += pss;
  (anon ? s->pss_anon : frame.swap_backed ? s->pss_shmem : s->pss_file) += pss;
  if (anon) {
    s->anonymous += bytes;
    // MADV_FREE leaves a page without a sign of having been written.
    s->lazy_free += dirty ? 0 : bytes;
  }
  if (entry.young() || frame.referenced) {
    s->referenced += bytes;
  }
  s->pss_locked += locked ? pss : 0;
  s->pss_dirty += dirty ? pss : 0;
  if (sharers > 1) {
    (dirty ? s->shared_dirty : s->shared_clean) += bytes;
  } else {
    (dirty ? s->private_dirty : s->private_clean) += bytes;
  }
}

}  // namespace

void Gather(AddressSpace& mm, const Vma& vma, MemStats* stats) {
  const PagingGeometry& geometry = mm.system().arch().geometry();
  mm.page_table().ForEach(vma.range, [&](const EntryRef& ref, const Entry& e) {
    const uint64_t bytes = geometry.EntryBytes(ref.level);
    if (e.kind == EntryKind::kSwap) {
      stats->swap += bytes;
    } else if (e.counted()) {
      Account(mm.system().phys().frame(e.pfn()), e, vma.has(VmaFlag::kLocked),
              bytes, stats);
    }
    return true;
  });
}

}  // namespace faultline::mm
