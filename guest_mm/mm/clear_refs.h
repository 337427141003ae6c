#ifndef FAULTLINE_GUEST_MM_MM_CLEAR_REFS_H_
#define FAULTLINE_GUEST_MM_MM_CLEAR_REFS_H_

// /proc/PID/clear_refs: forgetting what was accessed and what was written, so
// that smaps' Referenced and pagemap's soft-dirty bit tell what happens from
// now on. Linux: fs/proc/task_mmu.c clear_refs_write().

#include <cstdint>

#include "guest_mm/base/errno.h"
#include "guest_mm/mm/address_space.h"

namespace faultline::mm {

// The numbers that are written there.
enum class ClearRefs : uint8_t {
  kAll = 1,         // accessed bits, of all mappings
  kAnon = 2,        // of those without a file
  kMapped = 3,      // of those with one
  kSoftDirty = 4,   // soft-dirty bits; stores fault once to set them again
  kHiwaterRss = 5,  // VmHWM
};

// Takes mmap_lock for writing. kEINTR: killed first, nothing has changed.
ErrnoOr<Done> ClearReferences(AddressSpace& mm, ClearRefs what);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_MM_CLEAR_REFS_H_
