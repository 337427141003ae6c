#ifndef FAULTLINE_ARCH_ARM64_ARCH_OPS_H_
#define FAULTLINE_ARCH_ARM64_ARCH_OPS_H_

// arm64, as the memory manager sees it: mm::ArchOps over the entry format,
// geometry, layout and fault policy of this folder.

#include "arch_arm64/paging_geometry.h"
#include "guest_mm/arch_ops.h"

namespace faultline::arm64 {

// The ordinary machine: 4 KiB granule, 48 bits. Stateless; lives for ever.
const mm::ArchOps& Ops();
// One with another granule or number of levels.
const mm::ArchOps& OpsFor(Paging paging);

}  // namespace faultline::arm64

#endif  // FAULTLINE_ARCH_ARM64_ARCH_OPS_H_
