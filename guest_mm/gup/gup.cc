// GUP with mmap_lock. Linux: mm/gup.c __get_user_pages_locked(),
// __get_user_pages(), faultin_page().

#include "guest_mm/gup/gup.h"

#include "guest_mm/fault/fatal_signal.h"
#include "guest_mm/fault/handle_mm_fault.h"
#include "guest_mm/gup/follow_page.h"
#include "guest_mm/sync/scheduler.h"

namespace faultline::mm {
namespace {

// vm_fault_to_errno().
Errno ErrorOf(const VmFaultResult& result, const GupFlags& flags) {
  switch (result.kind) {
    case VmFaultResult::Kind::kOutOfMemory:
      return Errno::kENOMEM;
    case VmFaultResult::Kind::kHwPoison:
      return flags.hw_poison ? Errno::kEHWPOISON : Errno::kEFAULT;
    case VmFaultResult::Kind::kDone:
    case VmFaultResult::Kind::kRetry:
    case VmFaultResult::Kind::kCompleted:
    case VmFaultResult::Kind::kBusError:
    case VmFaultResult::Kind::kSegv:
      break;
  }
  return Errno::kEFAULT;
}

class Getter {
 public:
  Getter(AddressSpace& mm, const GupFlags& flags,
         MayRetry may_retry = MayRetry::kYes)
      : mm_(mm), flags_(flags), origin_{.may_retry = may_retry} {
    mm_.has_pinned |= flags.grab == Grab::kPin;
  }

  // How a page was got, or not.
  struct Step {
    Errno error = Errno::kOk;
    bool unlocked = false;  // a fault gave mmap_lock back: once more
    Pfn page;
  };

  // The page at `a`. mmap_lock is held before, and after unless it says so.
  Step One(GuestAddr a, FaultAttempt attempt) {
    Step step;
    Vma* const vma = mm_.vmas().Find(a);
    if (vma == nullptr) {
      step.error = Errno::kEFAULT;
      return step;
    }
    step.error = CheckVmaFlags(mm_.system().arch(), *vma, flags_).error();
    while (step.error == Errno::kOk) {
      if (FatalSignalPending()) {
        step.error = Errno::kEINTR;
        break;
      }
      const ErrnoOr<Follow> found =
          FollowPage(mm_, *vma, a, flags_, &step.page);
      if (!found.ok()) {
        step.error = found.error();
        break;
      }
      if (*found == Follow::kPage) {
        break;
      }
      const VmFaultResult result = FaultIn(*vma, a, *found, attempt);
      if (result.released()) {
        step.unlocked = true;
        break;
      }
      step.error = result.done() ? Errno::kOk : ErrorOf(result, flags_);
    }
    return step;
  }

  // As many as there are from `a` on, until mmap_lock, which is held before
  // and not after, is given back for a wait.
  ErrnoOr<Done> Some(GuestAddr a, uint64_t n,
                     std::vector<Pfn>* pages) ABSL_NO_THREAD_SAFETY_ANALYSIS {
    for (uint64_t i = 0; i < n; ++i) {
      const Step step = One(a, attempt_);
      if (step.unlocked) {
        attempt_ = FaultAttempt::kSecond;
        return kDone;
      }
      if (step.error != Errno::kOk) {
        mm_.mmap_lock().ReadRelease();
        return step.error;
      }
      attempt_ = FaultAttempt::kFirst;
      pages->push_back(step.page);
      a += mm_.page_shift().bytes();
    }
    mm_.mmap_lock().ReadRelease();
    return kDone;
  }

 private:
  VmFaultResult FaultIn(Vma& vma, GuestAddr a, Follow why,
                        FaultAttempt attempt) {
    if (flags_.no_fault) {
      return VmFaultResult::Of(VmFaultResult::Kind::kSegv);
    }
    Scheduler::PointIfActive(kGupFaultPoint);
    return why == Follow::kUnshare
               ? UnshareMmFault(mm_, vma, a, attempt, origin_)
               : HandleMmFault(mm_, vma, a,
                               flags_.write ? Access::kWrite : Access::kRead,
                               attempt, origin_);
  }

  AddressSpace& mm_;
  const GupFlags flags_;
  const FaultOrigin origin_;
  FaultAttempt attempt_ = FaultAttempt::kFirst;
};

}  // namespace

ErrnoOr<uint64_t> GetUserPages(AddressSpace& mm, GuestAddr start, uint64_t n,
                               const GupFlags& flags, std::vector<Pfn>* pages)
    ABSL_NO_THREAD_SAFETY_ANALYSIS {
  Getter getter(mm, flags);
  const uint64_t page = mm.page_shift().bytes();
  const size_t before = pages->size();
  start = start.PageDown(mm.page_shift());
  for (;;) {
    const uint64_t got = pages->size() - before;
    if (got == n) {
      return got;
    }
    if (!mm.mmap_lock().ReadAcquireKillable()) {
      return got > 0 ? ErrnoOr<uint64_t>(got) : Errno::kEINTR;
    }
    const ErrnoOr<Done> some = getter.Some(start + got * page, n - got, pages);
    if (!some.ok()) {
      const uint64_t all = pages->size() - before;
      return all > 0 ? ErrnoOr<uint64_t>(all) : some.error();
    }
  }
}

ErrnoOr<Pfn> GetUserPageLocked(AddressSpace& mm, GuestAddr a,
                               const GupFlags& flags) {
  const Getter::Step step =
      Getter(mm, flags, MayRetry::kNo)
          .One(a.PageDown(mm.page_shift()), FaultAttempt::kSecond);
  if (step.error != Errno::kOk) {
    return step.error;
  }
  return step.page;
}

}  // namespace faultline::mm
