#ifndef FAULTLINE_GUEST_MM_CALLS_POPULATE_H_
#define FAULTLINE_GUEST_MM_CALLS_POPULATE_H_

// Faulting in what was just mapped or locked. Linux: mm/gup.c __mm_populate().
// No lock is held on entry or return.

#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/mm/address_space.h"

namespace faultline::mm {

// Whether a page that cannot be had ends it.
enum class OnError : uint8_t { kStop, kGoOn };

// Each VMA of `range` in turn: private writable memory as a write would (so
// that no later store faults), the rest as a read; mlock2(MLOCK_ONFAULT)
// memory not at all. Holes end it with kENOMEM. With kGoOn it never fails but
// for kEINTR.
ErrnoOr<Done> PopulateVmas(AddressSpace& mm, GuestRange range,
                           OnError on_error);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_CALLS_POPULATE_H_
