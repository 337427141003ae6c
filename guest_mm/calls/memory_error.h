#ifndef FAULTLINE_GUEST_MM_CALLS_MEMORY_ERROR_H_
#define FAULTLINE_GUEST_MM_CALLS_MEMORY_ERROR_H_

// A memory error on order: MADV_HWPOISON. Linux: mm/madvise.c
// madvise_inject_error(), mm/memory-failure.c memory_failure().
//
// The page's entries, in every address space, become poison entries, whose
// access is SIGBUS; its frame is never used again. A clean page of a file is
// only forgotten: the next access reads it anew. One that cannot be read anew
// stays in the cache, where it is an error to read.

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/mm/address_space.h"

namespace faultline::mm {

// Data was lost: the caller's process mapped it at `address`, and is to get
// SIGBUS with BUS_MCEERR_AR and this lsb.
using MemoryErrorReport = absl::FunctionRef<void(GuestAddr address, int lsb)>;

// Poisons the pages of the range one by one, faulting them in first. Takes its
// locks itself. kEFAULT: nothing can be had there, or it is poisoned already.
// kEBUSY: the page of zeros, a page of a huge one, or one that is in swap for
// others. Those before stay so.
ErrnoOr<Done> InjectMemoryErrors(AddressSpace& mm, GuestRange range,
                                 MemoryErrorReport report);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_CALLS_MEMORY_ERROR_H_
