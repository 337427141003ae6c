#ifndef FAULTLINE_GUEST_MM_THP_MADVISE_COLLAPSE_H_
#define FAULTLINE_GUEST_MM_THP_MADVISE_COLLAPSE_H_

// MADV_COLLAPSE: makes a range huge now, whatever the knobs say. Linux 6.12:
// mm/khugepaged.c madvise_collapse().

#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/mm/address_space.h"

namespace faultline::mm {

// The whole huge pages of `part`, which lies in `vma`. mmap_lock is held for
// reading, and is on return, though it was dropped on the way: `vma` may be no
// more. Succeeds if all are huge in the end. Else what the last failure means
// (CollapseErrno()): kEINVAL, kENOMEM, kEBUSY, kEAGAIN; those before it, and
// for some failures those behind it, are huge.
ErrnoOr<Done> MadviseCollapse(AddressSpace& mm, Vma& vma, GuestRange part);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_THP_MADVISE_COLLAPSE_H_
