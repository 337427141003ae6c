#ifndef FAULTLINE_ARCH_X86_ARCH_OPS_H_
#define FAULTLINE_ARCH_X86_ARCH_OPS_H_

// x86-64, as the memory manager sees it: mm::ArchOps over the entry format,
// geometry, layout and fault policy of this folder.

#include "arch_x86/paging_geometry.h"
#include "guest_mm/arch_ops.h"

namespace faultline::x86 {

// The ordinary machine: four levels. Stateless; lives for ever.
const mm::ArchOps& Ops();
// One with another paging mode.
const mm::ArchOps& OpsFor(Paging paging);

}  // namespace faultline::x86

#endif  // FAULTLINE_ARCH_X86_ARCH_OPS_H_
