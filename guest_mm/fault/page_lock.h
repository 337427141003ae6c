#ifndef FAULTLINE_GUEST_MM_FAULT_PAGE_LOCK_H_
#define FAULTLINE_GUEST_MM_FAULT_PAGE_LOCK_H_

#include "guest_mm/fault/vm_fault.h"
#include "guest_mm/phys/frame.h"

namespace faultline::mm {

// __folio_lock_or_retry(): waits for the page's lock; on the first attempt
// mmap_lock is given back before, and the page's lock is not kept. False if it
// is not held on return (then mmap_lock is not either). The caller has a
// reference to the page.
inline bool LockPageOrRetry(VmFault& f,
                            Frame& page) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  if (page.lock.TryAcquire()) {
    return true;
  }
  if (f.attempt == FaultAttempt::kFirst) {
    f.mm.mmap_lock().ReadRelease();
    { LockGuard wait(page.lock); }
    return false;
  }
  page.lock.Acquire();
  return true;
}

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_FAULT_PAGE_LOCK_H_
