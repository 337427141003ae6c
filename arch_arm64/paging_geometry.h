#ifndef FAULTLINE_ARCH_ARM64_PAGING_GEOMETRY_H_
#define FAULTLINE_ARCH_ARM64_PAGING_GEOMETRY_H_

// The shapes of page table that arm64 hardware walks (Arm ARM, "The VMSAv8-64
// translation system"), as Linux can be configured for them. Another shape is
// another table here.

#include "guest_mm/arch_ops.h"

namespace faultline::arm64 {

// Granule, then bits of user address.
enum class Paging : uint8_t {
  k4K48,   // 4 levels: what Debian ships
  k4K39,   // 3 levels: Android's
  k4K52,   // 5 levels (FEAT_LPA2)
  k16K47,  // 3 levels
  k16K48,  // 4 levels, the root of two entries
  k64K42,  // 2 levels
  k64K48,  // 3 levels
};

const mm::PagingGeometry& GeometryOf(Paging paging);

}  // namespace faultline::arm64

#endif  // FAULTLINE_ARCH_ARM64_PAGING_GEOMETRY_H_
