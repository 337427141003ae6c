#ifndef FAULTLINE_GUEST_MM_FAULT_STACK_GROWTH_H_
#define FAULTLINE_GUEST_MM_FAULT_STACK_GROWTH_H_

// Stacks grow when touched below. Linux: mm/mmap.c expand_downwards(),
// acct_stack_growth().

#include "guest_mm/base/errno.h"
#include "guest_mm/mm/address_space.h"

namespace faultline::mm {

// Moves the start of `vma` (kGrowsDown) down to the page of `address`, which
// lies below it. Needs mmap_lock for writing. On failure nothing has changed:
// kEPERM under the lowest mapping; kENOMEM when it would come within the guard
// gap of an accessible mapping, or exceed RLIMIT_STACK, RLIMIT_AS, the
// overcommit limit or, locked, RLIMIT_MEMLOCK.
ErrnoOr<Done> ExpandStack(AddressSpace& mm, Vma& vma, GuestAddr address);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_FAULT_STACK_GROWTH_H_
