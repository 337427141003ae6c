#ifndef FAULTLINE_GUEST_MM_CALLS_UNMAP_H_
#define FAULTLINE_GUEST_MM_CALLS_UNMAP_H_

// Taking mappings out of a range, in the two steps that munmap, mmap over
// something, mremap and brk share. Linux: mm/vma.c vms_gather_munmap_vmas()
// and vms_complete_munmap_vmas(). mmap_lock is held for writing.

#include "guest_mm/base/addr.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/uffd/events.h"

namespace faultline::mm {

// What would go.
struct Unmapping {
  PageCount pages;
  PageCount accounted;
};

// Splits the VMAs at the two edges so that only whole ones lie in `range`.
// kENOMEM: a hole in the middle would exceed max_map_count. kEPERM: sealed. A
// split made before the error stays; it changes nothing a program can feel.
// `events`, if any, are to be completed once mmap_lock is dropped, also after
// an error.
ErrnoOr<Unmapping> GatherUnmap(AddressSpace& mm, GuestRange range,
                               UffdUnmapEvents* events = nullptr);

// Unmaps the pages, removes the VMAs and frees tables left empty. Must follow
// GatherUnmap() of the same range.
void CompleteUnmap(AddressSpace& mm, GuestRange range);

// Both.
ErrnoOr<Done> UnmapLocked(AddressSpace& mm, GuestRange range,
                          UffdUnmapEvents* events = nullptr);

// munmap(2) with mmap_lock held: also judges the arguments. kEINVAL.
ErrnoOr<Done> MunmapLocked(AddressSpace& mm, GuestAddr start, uint64_t length,
                           UffdUnmapEvents* events = nullptr);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_CALLS_UNMAP_H_
