#ifndef FAULTLINE_GUEST_MM_RMAP_MEMORY_ERROR_REPORT_H_
#define FAULTLINE_GUEST_MM_RMAP_MEMORY_ERROR_REPORT_H_

// Who is told that memory was lost. Linux: mm/memory-failure.c kill_procs().

#include "absl/functional/function_ref.h"
#include "guest_mm/base/addr.h"

namespace faultline::mm {

class AddressSpace;

// Data was lost: `mm` mapped it at `address`, as the caller or another, and is
// to get SIGBUS with this lsb. Called once for each space, with no locks held.
using MemoryErrorReport =
    absl::FunctionRef<void(AddressSpace& mm, GuestAddr address, int lsb)>;

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_RMAP_MEMORY_ERROR_REPORT_H_
