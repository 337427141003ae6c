#ifndef FAULTLINE_ARCH_X86_PAGING_GEOMETRY_H_
#define FAULTLINE_ARCH_X86_PAGING_GEOMETRY_H_

// The shapes of page table that x86-64 hardware walks (SDM vol. 3, "4-Level
// Paging and 5-Level Paging"). Another shape is another table here.

#include "guest_mm/arch_ops.h"

namespace faultline::x86 {

enum class Paging : uint8_t {
  k4Level,  // 47 bits of user address
  k5Level,  // 56 bits (CR4.LA57)
};

const mm::PagingGeometry& GeometryOf(Paging paging);

}  // namespace faultline::x86

#endif  // FAULTLINE_ARCH_X86_PAGING_GEOMETRY_H_
