#include "guest_mm/pgtable/tlb_gather.h"

#include <algorithm>

#include "guest_mm/mm/address_space.h"
#include "guest_mm/mm/flush_tlb.h"
#include "guest_mm/sync/scheduler.h"

namespace faultline::mm {

void TlbGather::Add(GuestRange range) {
  if (range_.empty()) {
    range_ = range;
    return;
  }
  range_.start = std::min(range_.start, range.start);
  range_.end = std::max(range_.end, range.end);
}

void TlbGather::FlushNow() {
  if (!range_.empty()) {
    FlushTlb(mm_, range_);
    range_ = {};
  }
}

void TlbGather::Finish() {
  if (!range_.empty()) {
    Scheduler::PointIfActive(kTlbFlushPoint);
    FlushNow();
  }
  SwapArea& swap = mm_.system().swap();
  for (const Pfn pfn : pages_) {
    swap.PutPage(pfn);
  }
  pages_.clear();
}

}  // namespace faultline::mm
