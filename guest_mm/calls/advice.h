#ifndef FAULTLINE_GUEST_MM_CALLS_ADVICE_H_
#define FAULTLINE_GUEST_MM_CALLS_ADVICE_H_

// What madvise(2) can advise, and what each advice does to one VMA. The walk
// over the range is in madvise.cc.

#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/mm/address_space.h"

namespace faultline::mm {

// include/uapi/asm-generic/mman-common.h; the numbers are ABI.
enum class Advice : int {
  kNormal = 0,
  kRandom = 1,
  kSequential = 2,
  kWillNeed = 3,
  kDontNeed = 4,
  kFree = 8,
  kRemove = 9,
  kDontFork = 10,
  kDoFork = 11,
  kMergeable = 12,
  kUnmergeable = 13,
  kHugePage = 14,
  kNoHugePage = 15,
  kDontDump = 16,
  kDoDump = 17,
  kWipeOnFork = 18,
  kKeepOnFork = 19,
  kCold = 20,
  kPageOut = 21,
  kPopulateRead = 22,
  kPopulateWrite = 23,
  kDontNeedLocked = 24,
  kCollapse = 25,
  kGuardInstall = 102,
  kGuardRemove = 103,
};

// Advice on a part of one VMA that only changes flags (madvise_vma_behavior(),
// madvise_update_vma()); mmap_lock is held for writing. Returns the VMA that
// covers the part. kEINVAL, kEAGAIN (no room for a split).
ErrnoOr<Vma*> AdviseFlags(AddressSpace& mm, Vma& vma, GuestRange part,
                          Advice advice);

// Advice that works on the pages; mmap_lock is held for reading. kEINVAL,
// kEACCES, kEBADF.
ErrnoOr<Done> AdvisePages(AddressSpace& mm, Vma& vma, GuestRange part,
                          Advice advice);

// MADV_FREE: private anonymous pages of this process alone forget that they
// were written; reclaim may drop them until they are again. kEINVAL: not
// anonymous. mmap_lock is held for reading.
ErrnoOr<Done> AdviseFree(AddressSpace& mm, Vma& vma, GuestRange part);

// MADV_COLD: pages of this process alone are the next that reclaim looks at.
// MADV_PAGEOUT: they go at once, to swap or back to their files; what cannot go
// stays, and is no error. kEINVAL: locked memory. mmap_lock is held for
// reading.
ErrnoOr<Done> AdviseReclaim(AddressSpace& mm, Vma& vma, GuestRange part,
                            Advice advice);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_CALLS_ADVICE_H_
