#ifndef FAULTLINE_GUEST_MM_TLB_H_
#define FAULTLINE_GUEST_MM_TLB_H_

// Tlb: how the memory manager tells whoever caches translations that some are
// no longer true. Implemented by plugin/engine (and by fakes in tests).
// Linux: flush_tlb_range() and friends, flush_icache.
//
// Contract: after a call returns, no access through the named translations is
// served from a cache. An implementation may drop more than asked. It must not
// call back into guest_mm. A table or frame may be reused only after the call
// that covers it has returned.

#include "guest_mm/base/addr.h"

namespace faultline::mm {

class AddressSpace;

class Tlb {
 public:
  virtual ~Tlb() = default;
  // Translations of `mm` within `range` (page-aligned), leaf entries only or,
  // after tables were freed, all levels: engines cache only whole walks.
  virtual void FlushRange(const AddressSpace& mm, GuestRange range) = 0;
  // All of `mm`'s.
  virtual void FlushMm(const AddressSpace& mm) = 0;
  // The bytes of `frame` changed behind the CPU's back, or the frame was given
  // to another use: instructions decoded from it are stale. Called only for
  // frames that MarkExecuted() was reported for.
  virtual void FlushCode(Pfn frame) = 0;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_TLB_H_
