#ifndef FAULTLINE_GUEST_MM_MM_FLUSH_TLB_H_
#define FAULTLINE_GUEST_MM_MM_FLUSH_TLB_H_

// FlushTlb(): translations of `mm` within `range` are not true any more; the
// flush is counted. Linux: flush_tlb_range(). See tlb.h.

#include "guest_mm/mm/address_space.h"
#include "guest_mm/mm/memory_manager.h"
#include "guest_mm/tlb.h"

namespace faultline::mm {

inline void FlushTlb(AddressSpace& mm, GuestRange range) {
  mm.system().tlb().FlushRange(mm, range);
  ++mm.system().counters().tlb_flushes;
}

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_MM_FLUSH_TLB_H_
