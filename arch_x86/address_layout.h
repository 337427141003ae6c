#ifndef FAULTLINE_ARCH_X86_ADDRESS_LAYOUT_H_
#define FAULTLINE_ARCH_X86_ADDRESS_LAYOUT_H_

// Where user space lies on x86-64. Linux: arch/x86/include/asm/page_64_types.h
// and elf.h, arch/x86/mm/mmap.c; randomness as Debian configures it.

#include "arch_x86/paging_geometry.h"
#include "guest_mm/arch_ops.h"

namespace faultline::x86 {

mm::AddressLayout LayoutOf(Paging paging);

}  // namespace faultline::x86

#endif  // FAULTLINE_ARCH_X86_ADDRESS_LAYOUT_H_
