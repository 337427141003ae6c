#ifndef FAULTLINE_GUEST_MM_FAULT_DIRTY_THROTTLE_H_
#define FAULTLINE_GUEST_MM_FAULT_DIRTY_THROTTLE_H_

#include "guest_mm/fault/vm_fault.h"
#include "guest_mm/file/mapping.h"

namespace faultline::mm {

// The end of a fault that has mapped a page of a shared mapping for a store:
// who dirties files may have to wait for write-back, and gives mmap_lock back
// for it, on the first attempt. `was_dirty`: the page was so before. Page and
// entry are not locked any more. What is done is told as such
// (VM_FAULT_COMPLETED) or looked up all over again (P fault-completed).
// Linux: mm/memory.c fault_dirty_shared_page().
inline VmFaultResult ThrottleDirtier(VmFault& f, const VmFaultResult& mapped,
                                     bool was_dirty)
    ABSL_NO_THREAD_SAFETY_ANALYSIS {
  const bool told =  // page_mkwrite()
      f.vma.file->mapping().kind() == Mapping::Kind::kRegular;
  if ((was_dirty && !told) || f.attempt != FaultAttempt::kFirst ||
      f.may_retry != MayRetry::kYes) {
    return mapped;
  }
  f.pin.reset();
  f.mm.mmap_lock().ReadRelease();
  VmFaultResult result = mapped;
  result.kind =
      f.mm.system().behaviours().fault_completed() == FaultCompleted::kYes
          ? VmFaultResult::Kind::kCompleted
          : VmFaultResult::Kind::kRetry;
  return result;
}

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_FAULT_DIRTY_THROTTLE_H_
