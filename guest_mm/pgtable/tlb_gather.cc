#include "guest_mm/pgtable/tlb_gather.h"

#include <algorithm>

#include "guest_mm/mm/address_space.h"
#include "guest_mm/sync/scheduler.h"
#include "guest_mm/tlb.h"

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
    mm_.system().tlb().FlushRange(mm_, range_);
    ++mm_.system().counters().tlb_flushes;
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
