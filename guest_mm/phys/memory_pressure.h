#ifndef FAULTLINE_GUEST_MM_PHYS_MEMORY_PRESSURE_H_
#define FAULTLINE_GUEST_MM_PHYS_MEMORY_PRESSURE_H_

// MemoryPressure: what the page allocator calls when frames run short. Linux:
// the slow path of mm/page_alloc.c, __alloc_pages_slowpath(). guest_mm/reclaim
// implements it; the allocator knows no more of it than this.

#include <cstdint>

#include "guest_mm/phys/frame.h"

namespace faultline::mm {

// An allocation that found nothing: its site, and log2 of the frames it asked
// for.
struct FailedAllocation {
  AllocPurpose purpose = AllocPurpose::kKernel;
  int order = 0;
};

class MemoryPressure {
 public:
  virtual ~MemoryPressure() = default;
  // True if an allocation that leaves `free` frames need not be told of.
  virtual bool Plenty(PageCount free) const = 0;
  // 2^order frames are about to be taken for `purpose`, and there is not plenty
  // left. Tries to make it so. Others may run before it returns.
  virtual void MakeRoom(AllocPurpose purpose, int order) = 0;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_PHYS_MEMORY_PRESSURE_H_
