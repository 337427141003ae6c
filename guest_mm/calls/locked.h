#ifndef FAULTLINE_GUEST_MM_CALLS_LOCKED_H_
#define FAULTLINE_GUEST_MM_CALLS_LOCKED_H_

// A call's body under mmap_lock, taken as Linux's calls take it for changing
// VMAs (mmap_write_lock_killable()): a fatal signal first is kEINTR, and the
// body has not run.

#include "absl/base/thread_annotations.h"
#include "guest_mm/base/errno.h"
#include "guest_mm/mm/address_space.h"

namespace faultline::mm {

template <typename Body>
ABSL_NO_THREAD_SAFETY_ANALYSIS auto UnderWriteLock(AddressSpace& mm, Body body)
    -> decltype(body()) {
  if (!mm.mmap_lock().WriteAcquireKillable()) {
    return Errno::kEINTR;
  }
  auto result = body();
  mm.mmap_lock().WriteRelease();
  return result;
}

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_CALLS_LOCKED_H_
