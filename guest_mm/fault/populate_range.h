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

// Faults `range` in, as a user read or write would. Called with no lock held.
// kENOMEM for a hole or want of memory, kEINVAL if the VMA forbids the access,
// kEFAULT where it would raise a signal, or, with MayRetry::kNo, ask a program
// (userfaultfd), kEHWPOISON, kEINTR when killed: pages before the bad one stay.
enum class Populate : uint8_t { kRead, kWrite };
ErrnoOr<Done> PopulateRange(AddressSpace& mm, GuestRange range, Populate how,
                            MayRetry may_retry = MayRetry::kYes);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_FAULT_POPULATE_RANGE_H_
