#ifndef FAULTLINE_GUEST_MM_FAULT_FAULT_CONTRACT_H_
#define FAULTLINE_GUEST_MM_FAULT_FAULT_CONTRACT_H_

// FaultContract: what every fault's end must keep to, checked on every fault of
// every run. Linux has it as comments (include/linux/mm_types.h enum
// vm_fault_reason, mm/filemap.c __folio_lock_or_retry()), and has broken it in
// architectures' handlers more than once.
//
// Of a round (handle_mm_fault()): mmap_lock was given back if and only if the
// end says so (RETRY, COMPLETED); all other locks are as they were. An end has
// a size if it is poison, and was major only if it is no error.
// Of a fault (HandlePageFault()): the locks are as they were; user mode is
// never told of a fix-up, kernel mode of nothing else but success.

#include "absl/container/inlined_vector.h"
#include "guest_mm/fault/fault.h"
#include "guest_mm/fault/vm_fault.h"

namespace faultline::mm {

class FaultContract {
 public:
  // Notes which locks the running actor has; there may be none, then locks are
  // not looked at.
  FaultContract();

  // Die (FL_CHECK) if it is broken.
  void CheckRound(AddressSpace& mm, const VmFaultResult& result) const;
  void CheckFault(const Fault& fault, const PageFaultOutcome& outcome) const;

 private:
  // Those held now are those held then; without `but`, if it is not null.
  bool HeldAsBefore(const void* but) const;

  absl::InlinedVector<const void*, 4> held_;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_FAULT_FAULT_CONTRACT_H_
