#ifndef FAULTLINE_ARCH_ARM64_ADDRESS_LAYOUT_H_
#define FAULTLINE_ARCH_ARM64_ADDRESS_LAYOUT_H_

// Where user space lies on arm64. Linux: arch/arm64/include/asm/processor.h
// and elf.h, arch/arm64/Kconfig; randomness at its configured least, as in
// Debian's 6.12.

#include "arch_arm64/paging_geometry.h"
#include "guest_mm/arch_ops.h"

namespace faultline::arm64 {

mm::AddressLayout LayoutOf(Paging paging);

}  // namespace faultline::arm64

#endif  // FAULTLINE_ARCH_ARM64_ADDRESS_LAYOUT_H_
