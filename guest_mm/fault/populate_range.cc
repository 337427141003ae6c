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
    case VmFaultResult::Kind::kCompleted:
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
    const Ended ended =
        vma == nullptr ? Ended{Errno::kENOMEM} : InVma(*vma, at, end);
    if (ended.unlocked) {
      return kDone;
    }
    mm_.mmap_lock().ReadRelease();
    return ended.error == Errno::kOk ? ErrnoOr<Done>(kDone) : ended.error;
  }

  struct Ended {
    Errno error = Errno::kOk;
    bool unlocked = false;  // mmap_lock was given back for a wait
  };
  // The same with mmap_lock held.
  Ended InVma(Vma& vma, GuestAddr* at, GuestAddr end) {
    if (!Allowed(vma)) {
      return {Errno::kEINVAL};
    }
    while (*at < std::min(end, vma.range.end)) {
      if (FatalSignalPending()) {
        return {Errno::kEINTR};
      }
      if (IsIn(*at)) {
        *at += mm_.page_shift().bytes();
        attempt_ = First();
        continue;
      }
      const VmFaultResult result = HandleMmFault(
          mm_, vma, *at, access_, attempt_, {.may_retry = may_retry_});
      if (result.released()) {
        attempt_ = FaultAttempt::kSecond;
        return {Errno::kOk, true};
      }
      if (!result.done()) {
        return {ErrorOf(result)};
      }
    }
    return {};
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

  // A first attempt may give mmap_lock back.
  FaultAttempt First() const {
    return may_retry_ == MayRetry::kYes ? FaultAttempt::kFirst
                                        : FaultAttempt::kSecond;
  }

  AddressSpace& mm_;
  const MayRetry may_retry_;
  const Access access_;
  FaultAttempt attempt_ = First();
};

}  // namespace

ErrnoOr<Done> PopulateRange(AddressSpace& mm, GuestRange range, Populate how) {
  Populator populator(mm, how, MayRetry::kYes);
  for (GuestAddr at = range.start; at < range.end;) {
    FL_TRY(populator.Some(&at, range.end));
  }
  return kDone;
}

ErrnoOr<Done> PopulateLocked(AddressSpace& mm, Vma& vma, GuestRange range,
                             Populate how) {
  GuestAddr at = range.start;
  const Errno error =
      Populator(mm, how, MayRetry::kNo).InVma(vma, &at, range.end).error;
  return error == Errno::kOk ? ErrnoOr<Done>(kDone) : error;
}

}  // namespace faultline::mm
