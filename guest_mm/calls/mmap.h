#ifndef FAULTLINE_GUEST_MM_CALLS_MMAP_H_
#define FAULTLINE_GUEST_MM_CALLS_MMAP_H_

// mmap(2) for callers that hold mmap_lock for writing already (mm/mmap.c
// do_mmap()): mmap itself, remap_file_pages.

#include "guest_mm/calls/calls.h"
#include "guest_mm/uffd/events.h"

namespace faultline::mm {

struct Mapped {
  GuestAddr at;
  bool populate = false;  // to be faulted in once the lock is dropped
};
// `events`, if any, are to be completed once the lock is dropped.
ErrnoOr<Mapped> MmapLocked(AddressSpace& mm, const MmapRequest& request,
                           UffdUnmapEvents* events = nullptr);

// Mmap() for shmat(2), which tells no userfaultfd of what it replaces.
ErrnoOr<GuestAddr> MmapUntold(AddressSpace& mm, const MmapRequest& request);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_CALLS_MMAP_H_
