#ifndef FAULTLINE_GUEST_MM_UFFD_MFILL_PAGE_H_
#define FAULTLINE_GUEST_MM_UFFD_MFILL_PAGE_H_

// One page of a fill. Linux: mm/userfaultfd.c mfill_atomic_pte() and what it
// chooses from; mm/shmem.c shmem_mfill_atomic_pte(). mmap_lock is held for
// reading; `vma` holds the address and is memory that can be filled.

#include <optional>

#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/vma/vma.h"

namespace faultline::mm {

enum class FillWp : bool { kNo, kYes };

// Maps `page`, which becomes the entry's on success and stays the caller's
// otherwise: an anonymous page of private memory, or a new page of a shared
// file's (which it becomes). kEEXIST, kEFAULT, kEAGAIN (mfill.h), kENOMEM.
ErrnoOr<Done> FillWithNewPage(AddressSpace& mm, Vma& vma, GuestAddr a, Pfn page,
                              FillWp wp);
// The shared page of zeros, in private memory.
ErrnoOr<Done> FillWithZeroPage(AddressSpace& mm, Vma& vma, GuestAddr a);
// The page that the file has. kEINVAL beyond its end, kEIO: poisoned.
ErrnoOr<Done> FillFromCache(AddressSpace& mm, Vma& vma, GuestAddr a, FillWp wp);
// A marker.
ErrnoOr<Done> FillWithPoison(AddressSpace& mm, Vma& vma, GuestAddr a);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_UFFD_MFILL_PAGE_H_
