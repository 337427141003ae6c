#include "guest_mm/fault/populate_range.h"

#include <algorithm>

#include "guest_mm/fault/fatal_signal.h"
#include "guest_mm/fault/handle_mm_fault.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/pgtable/touch.h"

namespace faultline::mm {
namespace {

Errno ErrorOf(const VmFaultResult& result) {
  switch (result.kind) {
    case VmFaultResult::Kind::kOutOfMemory:
      return Errno::kENOMEM;
    case VmFaultResult::Kind::kHwPoison:
      return Errno::kEHWPOISON;
    case VmFaultResult::Kind::kDone:
    case VmFaultResult::Kind::kRetry:
    case VmFaultResult::Kind::kBusError:
    case VmFaultResult::Kind::kSegv:
      break;
  }
  return Errno::kEFAULT;
}

class Populator {
 public:
  Populator(AddressSpace& mm, Populate how, MayRetry may_retry)
      : mm_(mm),
        may_retry_(may_retry),
        access_(how == Populate::kWrite ? Access::kWrite : Access::kRead) {}

  // Works from `*at` to `end` or the end of the VMA there; mmap_lock is not
  // held before or after. `*at` is where to go on.
  ErrnoOr<Done> Some(GuestAddr* at,
                     GuestAddr end) ABSL_NO_THREAD_SAFETY_ANALYSIS {
    if (!mm_.mmap_lock().ReadAcquireKillable()) {
      return Errno::kEINTR;
    }
    Vma* const vma = mm_.vmas().Find(*at);
    Errno error = vma == nullptr   ? Errno::kENOMEM
                  : !Allowed(*vma) ? Errno::kEINVAL
                                   : Errno::kOk;
    while (error == Errno::kOk && *at < std::min(end, vma->range.end)) {
      if (FatalSignalPending()) {
        error = Errno::kEINTR;
      } else if (IsIn(*at)) {
        *at += mm_.page_shift().bytes();
        attempt_ = FaultAttempt::kFirst;
      } else {
        const VmFaultResult result = HandleMmFault(
            mm_, *vma, *at, access_, attempt_, {.may_retry = may_retry_});
        if (result.kind == VmFaultResult::Kind::kRetry) {
          attempt_ = FaultAttempt::kSecond;
          return kDone;  // mmap_lock is given back already
        }
        error = result.done() ? Errno::kOk : ErrorOf(result);
      }
    }
    mm_.mmap_lock().ReadRelease();
    if (error != Errno::kOk) {
      return error;
    }
    return kDone;
  }

 private:
  bool Allowed(const Vma& vma) const {
    const FaultPolicy& policy = mm_.system().arch().fault_policy();
    return vma.flags.any(access_ == Access::kWrite ? policy.write_needs
                                                   : policy.read_needs);
  }

  // Would the access go through as it is? Then it has.
  bool IsIn(GuestAddr a) {
    const PageTable& table = mm_.page_table();
    const Entry e = table.Get(table.Walk(a));
    const bool write = access_ == Access::kWrite;
    const bool in = e.present() && !e.prot_none() && (!write || e.write());
    if (in && e.counted()) {
      TouchPage(mm_.system().phys(), e.pfn(), e, write);
    }
    return in;
  }

  AddressSpace& mm_;
  MayRetry may_retry_;
  Access access_;
  FaultAttempt attempt_ = FaultAttempt::kFirst;
};

}  // namespace

ErrnoOr<Done> PopulateRange(AddressSpace& mm, GuestRange range, Populate how,
                            MayRetry may_retry) {
  Populator populator(mm, how, may_retry);
  for (GuestAddr at = range.start; at < range.end;) {
    FL_TRY(populator.Some(&at, range.end));
  }
  return kDone;
}

}  // namespace faultline::mm
