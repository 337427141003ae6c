#ifndef FAULTLINE_GUEST_MM_CALLS_SWAPOFF_H_
#define FAULTLINE_GUEST_MM_CALLS_SWAPOFF_H_

// swapoff: everything comes back into memory, then the area is no longer used.
// Linux: mm/swapfile.c try_to_unuse(), unuse_mm(); mm/shmem.c shmem_unuse().

#include <memory>
#include <vector>

#include "absl/functional/function_ref.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/mm/address_space.h"

namespace faultline::mm {

// All spaces there are at the moment; asked again until no slot is held.
using SpacesToSearch =
    absl::FunctionRef<std::vector<std::shared_ptr<AddressSpace>>()>;

// Nobody is given a slot from now on; pages that are in swap are read: those of
// spaces are mapped where their entries were, those of files are in the page
// cache. kENOMEM: there is no room for all of it; kEINTR: the caller is to die.
// Then the area is on again, and what was read stays in memory.
ErrnoOr<Done> SwapOff(MemoryManager& system, SpacesToSearch spaces);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_CALLS_SWAPOFF_H_
