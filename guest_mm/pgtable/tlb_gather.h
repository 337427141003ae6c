#ifndef FAULTLINE_GUEST_MM_PGTABLE_TLB_GATHER_H_
#define FAULTLINE_GUEST_MM_PGTABLE_TLB_GATHER_H_

// TlbGather: pages on their way out, kept until the TLB has forgotten them.
// Linux: struct mmu_gather (include/asm-generic/tlb.h).
//
// Life of a page in it: its entry is cleared under the page-table lock ->
// RemovePage() takes over the entry's reference -> the locks are dropped ->
// Finish() flushes once for all, then puts the references. So no frame is
// reused while a stale translation leads to it.

#include "absl/container/inlined_vector.h"
#include "guest_mm/base/addr.h"
#include "guest_mm/sync/point.h"

namespace faultline::mm {

class AddressSpace;

// About to flush: until then other threads may use what was taken away.
inline constexpr PointSite kTlbFlushPoint{"tlb.flush"};

class TlbGather {
 public:
  explicit TlbGather(AddressSpace& mm) : mm_(mm) {}
  ~TlbGather() { Finish(); }
  TlbGather(const TlbGather&) = delete;
  TlbGather& operator=(const TlbGather&) = delete;

  // Translations in `range` have lost rights or gone.
  void Add(GuestRange range);
  // The entry's reference to `pfn` is ours now.
  void RemovePage(Pfn pfn) { pages_.push_back(pfn); }

  // Enough is waiting: call Finish() when no lock is held.
  bool full() const { return pages_.size() >= kBatch; }

  // Flushes what was added, at once. Allowed under a page-table lock: where
  // a dirty file page was unmapped, no store may follow its last mark.
  void FlushNow();
  // Flushes, then puts the pages. No page-table lock may be held.
  void Finish();

 private:
  // Linux stops at about 10,000 too (MAX_GATHER_BATCH_COUNT).
  static constexpr size_t kBatch = 8192;

  AddressSpace& mm_;
  GuestRange range_{};  // what is not flushed yet
  absl::InlinedVector<Pfn, 64> pages_;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_PGTABLE_TLB_GATHER_H_
