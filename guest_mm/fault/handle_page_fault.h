#ifndef FAULTLINE_GUEST_MM_FAULT_HANDLE_PAGE_FAULT_H_
#define FAULTLINE_GUEST_MM_FAULT_HANDLE_PAGE_FAULT_H_

// The generic page fault: one for all architectures. Linux has a copy in each
// arch/*/mm/fault.c around mm/memory.c:handle_mm_fault(); merging them was
// proposed in 2023 and never done.

#include "guest_mm/fault/fault.h"

namespace faultline::mm {

class AddressSpace;

// Resolves `fault` in `mm`. Takes and drops mmap_lock itself, waits and
// retries inside (the running actor may be parked), grows stacks, and answers
// what is to be done: see PageFaultOutcome. Kernel-mode faults that cannot be
// resolved are kKernelFixup. No lock is held on entry or return.
PageFaultOutcome HandlePageFault(AddressSpace& mm, const Fault& fault);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_FAULT_HANDLE_PAGE_FAULT_H_
