#ifndef FAULTLINE_GUEST_MM_FAULT_POPULATE_RANGE_H_
#define FAULTLINE_GUEST_MM_FAULT_POPULATE_RANGE_H_

// Faulting a range in without touching it. Linux: mm/gup.c
// faultin_page_range(), populate_vma_page_range().

#include <cstdint>

#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/fault/vm_fault.h"

namespace faultline::mm {

class AddressSpace;
class Vma;

// Faults `range` in, as a user read or write would. Called with no lock held.
// kENOMEM for a hole or want of memory, kEINVAL if the VMA forbids the access,
// kEFAULT where it would raise a signal, kEHWPOISON, kEINTR when killed: pages
// before the bad one stay.
enum class Populate : uint8_t { kRead, kWrite };
ErrnoOr<Done> PopulateRange(AddressSpace& mm, GuestRange range, Populate how);

// A range of `vma`, with mmap_lock held in either way, and kept: a page that a
// program would have to be asked for (userfaultfd) is kEFAULT.
ErrnoOr<Done> PopulateLocked(AddressSpace& mm, Vma& vma, GuestRange range,
                             Populate how);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_FAULT_POPULATE_RANGE_H_
