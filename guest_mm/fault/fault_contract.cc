#include "guest_mm/fault/fault_contract.h"

#include "guest_mm/base/check.h"
#include "guest_mm/sync/scheduler.h"

namespace faultline::mm {

FaultContract::FaultContract() {
  if (const Actor* const me = Scheduler::Current(); me != nullptr) {
    for (const HeldLock& held : me->held()) {
      held_.push_back(held.lock);
    }
  }
}

bool FaultContract::HeldAsBefore(const void* but) const {
  const Actor* const me = Scheduler::Current();
  if (me == nullptr) {
    return true;
  }
  auto now = me->held().begin();
  for (const void* const lock : held_) {
    if (lock == but) {
      continue;
    }
    if (now == me->held().end() || now->lock != lock) {
      return false;
    }
    ++now;
  }
  return now == me->held().end();
}

void FaultContract::CheckRound(AddressSpace& mm,
                               const VmFaultResult& result) const {
  using Kind = VmFaultResult::Kind;
  const bool locks_as_told =
      HeldAsBefore(result.released() ? &mm.mmap_lock() : nullptr);
  FL_CHECK(locks_as_told);
  const bool error = !result.done() && !result.released();
  FL_CHECK(!error || !result.major);
  FL_CHECK((result.lsb != 0) == (result.kind == Kind::kHwPoison));
}

void FaultContract::CheckFault(const Fault& fault,
                               const PageFaultOutcome& outcome) const {
  using Kind = PageFaultOutcome::Kind;
  const bool locks_as_before = HeldAsBefore(nullptr);
  FL_CHECK(locks_as_before);
  FL_CHECK(fault.mode == Mode::kUser ? outcome.kind != Kind::kKernelFixup
                                     : outcome.kind == Kind::kDone ||
                                           outcome.kind == Kind::kKernelFixup);
  FL_CHECK((outcome.lsb != 0) == (outcome.kind == Kind::kHwPoison));
}

}  // namespace faultline::mm
