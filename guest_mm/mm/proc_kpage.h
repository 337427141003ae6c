#ifndef FAULTLINE_GUEST_MM_MM_PROC_KPAGE_H_
#define FAULTLINE_GUEST_MM_MM_PROC_KPAGE_H_

// /proc/kpagecount and /proc/kpageflags: one 64-bit word a page frame. Linux:
// fs/proc/page.c; include/uapi/linux/kernel-page-flags.h.

#include <cstdint>

#include "guest_mm/phys/phys_mem.h"

namespace faultline::mm {

// How many entries map it.
uint64_t KpageCount(const PhysMem& phys, Pfn pfn);
// KPF_* bits. `zero_page` is the shared page of zeros.
uint64_t KpageFlags(const PhysMem& phys, Pfn pfn, Pfn zero_page);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_MM_PROC_KPAGE_H_
