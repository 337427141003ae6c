#ifndef FAULTLINE_GUEST_MM_FAULT_HANDLE_MM_FAULT_H_
#define FAULTLINE_GUEST_MM_FAULT_HANDLE_MM_FAULT_H_

// The architecture-free part of a fault: from a VMA that allows the access to
// an entry that does. Linux: mm/memory.c handle_mm_fault(). One file a kind of
// fault; each stage is entered without the page-table lock, allocates without
// it, then takes it, looks again, and installs or gives up.

#include "guest_mm/fault/vm_fault.h"

namespace faultline::mm {

// Called with mmap_lock held for reading; it is still held afterwards unless
// the answer is kRetry or kCompleted. `vma` holds `address` and allows
// `access`. Success means that the entry was good at some moment: callers
// access again, or look again.
VmFaultResult HandleMmFault(AddressSpace& mm, Vma& vma, GuestAddr address,
                            Access access, FaultAttempt attempt,
                            FaultOrigin origin = {});

// The same for a read through a pin, which must go on seeing the page that the
// space has: a private page that is shared with others is replaced by a copy
// (FAULT_FLAG_UNSHARE). `vma` is private.
VmFaultResult UnshareMmFault(AddressSpace& mm, Vma& vma, GuestAddr address,
                             FaultAttempt attempt, FaultOrigin origin = {});

// Finds the entry at `level`, making missing tables. False, with the fault's
// end: out of memory, or a huge page has come there meanwhile.
bool EnterLevel(VmFault& f, int level, VmFaultResult* result);

// --- the stages; each in a file of its own ---

// anon_fault.cc: nothing there yet in private anonymous memory.
VmFaultResult DoAnonymousPage(VmFault& f);
// file_fault.cc: nothing there yet in a file mapping; f.entry may be of the
// huge level.
VmFaultResult DoFileFault(VmFault& f);
// cow_fault.cc: a store to a page mapped read-only.
VmFaultResult DoWpPage(VmFault& f);
// absent_fault.cc: a swap, migration, poison or marker entry.
VmFaultResult DoAbsentEntry(VmFault& f);
// swap_fault.cc: a page that is in swap.
VmFaultResult DoSwapPage(VmFault& f);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_FAULT_HANDLE_MM_FAULT_H_
