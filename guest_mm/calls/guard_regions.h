#ifndef FAULTLINE_GUEST_MM_CALLS_GUARD_REGIONS_H_
#define FAULTLINE_GUEST_MM_CALLS_GUARD_REGIONS_H_

// Guard regions: pages inside a mapping that raise SIGSEGV when touched, as a
// marker in the page table instead of a VMA of their own. Linux:
// mm/madvise.c madvise_guard_install(), madvise_guard_remove().
//
// A marker goes with its mapping: munmap, exec and MAP_FIXED drop it; mremap
// and fork carry it along; advice that takes pages away leaves it.

#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/mm/address_space.h"

namespace faultline::mm {

// MADV_GUARD_INSTALL: drops the pages of `part`, inside `vma`, and guards them.
// mmap_lock is held for reading. kEINVAL: locked or special memory. kENOMEM:
// those before the missing table stay guarded. kERESTARTNOINTR: pages were
// faulted in faster than they could be dropped; call again without the lock.
ErrnoOr<Done> InstallGuards(AddressSpace& mm, Vma& vma, GuestRange part);

// MADV_GUARD_REMOVE: guarded pages are as never touched; others stay. kEINVAL:
// special memory.
ErrnoOr<Done> RemoveGuards(AddressSpace& mm, Vma& vma, GuestRange part);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_CALLS_GUARD_REGIONS_H_
