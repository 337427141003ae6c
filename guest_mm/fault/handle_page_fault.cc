#include "guest_mm/fault/handle_page_fault.h"

#include "guest_mm/fault/fatal_signal.h"
#include "guest_mm/fault/fault_contract.h"
#include "guest_mm/fault/handle_mm_fault.h"
#include "guest_mm/fault/stack_growth.h"
#include "guest_mm/sync/scheduler.h"

namespace faultline::mm {
namespace {

using Outcome = PageFaultOutcome;

// The VMA that holds the address, or null. mmap_lock is held on return if
// there is one; if not, `*killed` says whether a fatal signal was why.
// mm/memory.c lock_mm_and_find_vma().
Vma* LockMmAndFindVma(AddressSpace& mm, const Fault& fault,
                      bool* killed) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  *killed = !mm.mmap_lock().ReadAcquireKillable();
  if (*killed) {
    return nullptr;
  }
  Vma* vma = mm.vmas().FindAtOrAbove(fault.address);
  if (vma != nullptr && vma->range.Contains(fault.address)) {
    return vma;
  }
  const FaultPolicy& policy = mm.system().arch().fault_policy();
  const bool too_far_below_sp =
      policy.stack_slack != 0 && fault.mode == Mode::kUser &&
      fault.address.value() + policy.stack_slack < fault.sp.value();
  mm.mmap_lock().ReadRelease();
  if (vma == nullptr || !vma->has(VmaFlag::kGrowsDown) || too_far_below_sp) {
    return nullptr;
  }
  // Growing needs the lock for writing, and there is a window: look again.
  *killed = !mm.mmap_lock().WriteAcquireKillable();
  if (*killed) {
    return nullptr;
  }
  vma = mm.vmas().FindAtOrAbove(fault.address);
  const bool ok =
      vma != nullptr && (vma->range.Contains(fault.address) ||
                         (vma->has(VmaFlag::kGrowsDown) &&
                          ExpandStack(mm, *vma, fault.address).ok()));
  if (!ok) {
    mm.mmap_lock().WriteRelease();
    return nullptr;
  }
  mm.mmap_lock().Downgrade();
  return vma;
}

bool Allows(const FaultPolicy& policy, const Vma& vma, Access access) {
  switch (access) {
    case Access::kRead:
      return vma.flags.any(policy.read_needs);
    case Access::kWrite:
      return vma.flags.any(policy.write_needs);
    case Access::kExec:
      return vma.flags.any(policy.exec_needs);
  }
  return false;
}

bool InUserSpace(AddressSpace& mm, const Fault& fault) {
  const ArchOps& arch = mm.system().arch();
  return fault.address < arch.layout().user_end &&
         (fault.mode == Mode::kKernel ||
          fault.address >= arch.fault_policy().lowest_user_address);
}

Outcome OutcomeOf(AddressSpace& mm, ErrorIs error, uint8_t lsb) {
  switch (error) {
    case ErrorIs::kBadArea:
      break;
    case ErrorIs::kAccessError:
      return {.kind = Outcome::Kind::kAccessError};
    case ErrorIs::kBusError:
      return {.kind = Outcome::Kind::kBusError};
    case ErrorIs::kHwPoison:
      return {.kind = Outcome::Kind::kHwPoison, .lsb = lsb};
    case ErrorIs::kBug:
      mm.system().Bug("arch/*/mm/fault.c: an error that it does not know");
      break;
  }
  return {.kind = Outcome::Kind::kBadArea};
}

Outcome OutcomeOf(AddressSpace& mm, const VmFaultResult& result) {
  const FaultPolicy& policy = mm.system().arch().fault_policy();
  switch (result.kind) {
    case VmFaultResult::Kind::kDone:
    case VmFaultResult::Kind::kCompleted:
      return {.kind = Outcome::Kind::kDone, .major = result.major};
    case VmFaultResult::Kind::kRetry:
      break;  // not an end
    case VmFaultResult::Kind::kOutOfMemory:
      return {.kind = Outcome::Kind::kOutOfMemory};
    case VmFaultResult::Kind::kBusError:
      return {.kind = Outcome::Kind::kBusError};
    case VmFaultResult::Kind::kHwPoison:
      return OutcomeOf(mm, policy.hwpoison, result.lsb);
    case VmFaultResult::Kind::kSegv:
      return OutcomeOf(mm, policy.sigsegv, 0);
  }
  return {.kind = Outcome::Kind::kBadArea};
}

// What user mode would get. Retries until there is an end.
Outcome Resolve(AddressSpace& mm,
                const Fault& fault) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  if (!InUserSpace(mm, fault)) {
    return {.kind = Outcome::Kind::kBadArea};
  }
  const FaultPolicy& policy = mm.system().arch().fault_policy();
  bool major = false;
  for (FaultAttempt attempt = FaultAttempt::kFirst;;
       attempt = FaultAttempt::kSecond) {
    bool killed = false;
    Vma* const vma = LockMmAndFindVma(mm, fault, &killed);
    if (vma == nullptr) {
      return {.kind =
                  killed ? Outcome::Kind::kSignal : Outcome::Kind::kBadArea};
    }
    if (!Allows(policy, *vma, fault.access)) {
      mm.mmap_lock().ReadRelease();
      return {.kind = Outcome::Kind::kAccessError};
    }
    const VmFaultResult result =
        HandleMmFault(mm, *vma, fault.address, fault.access, attempt,
                      {fault.mode, Interruptible::kYes,
                       fault.may_retry ? MayRetry::kYes : MayRetry::kNo});
    major = major || result.major;
    if (result.kind != VmFaultResult::Kind::kRetry) {
      if (!result.released()) {
        mm.mmap_lock().ReadRelease();
      }
      Outcome outcome = OutcomeOf(mm, result);
      outcome.major = major;
      return outcome;
    }
    // fault_signal_pending(): a program can be brought back to the access.
    if (FatalSignalPending() ||
        (fault.mode == Mode::kUser && SignalPending())) {
      return {.kind = Outcome::Kind::kSignal};
    }
  }
}

// What the actor works on, for those who ask (sync/inject.h).
class WorkAddress {
 public:
  explicit WorkAddress(GuestAddr a) : actor_(Scheduler::Current()) {
    if (actor_ != nullptr) {
      before_ = actor_->work_address();
      actor_->set_work_address(a.value());
    }
  }
  ~WorkAddress() {
    if (actor_ != nullptr) {
      actor_->set_work_address(before_);
    }
  }
  WorkAddress(const WorkAddress&) = delete;
  WorkAddress& operator=(const WorkAddress&) = delete;

 private:
  Actor* actor_;
  uint64_t before_ = 0;
};

void TraceFault(AddressSpace& mm, const Fault& fault, const Outcome& outcome) {
  const Entry e = fault.address < mm.system().arch().layout().user_end
                      ? mm.page_table().Get(mm.page_table().Walk(fault.address))
                      : Entry::None();
  const TraceField fields[] = {
      TraceField::Dec("mm", mm.id()),
      TraceField::Hex("address", fault.address.value()),
      TraceField::Text("access", ToString(fault.access)),
      TraceField::Text("mode", ToString(fault.mode)),
      TraceField::Dec("was_present", fault.was_present ? 1 : 0),
      TraceField::Hex("pc", fault.pc.value()),
      TraceField::Text("outcome", ToString(outcome.kind)),
      TraceField::Dec("major", outcome.major ? 1 : 0),
      TraceField::Hex("pfn", e.present() ? e.payload : 0),
  };
  mm.system().trace().Emit(TraceKind::kFault, "fault", fields);
}

}  // namespace

PageFaultOutcome HandlePageFault(AddressSpace& mm, const Fault& fault) {
  const WorkAddress at(fault.address);
  const FaultContract contract;
  Outcome outcome = Resolve(mm, fault);
  // Kernel code that touches user memory says itself where to go on. That
  // includes a kill: returning to the access faults for ever, as it did where
  // the policy says so.
  if (fault.mode == Mode::kKernel && !outcome.handled()) {
    const bool returns = outcome.kind == Outcome::Kind::kSignal &&
                         mm.system().arch().fault_policy().kill_returns;
    outcome = {.kind = returns ? Outcome::Kind::kDone
                               : Outcome::Kind::kKernelFixup};
  }
  contract.CheckFault(fault, outcome);
  ++mm.system().counters().outcomes[size_t(outcome.kind)];
  if (mm.system().trace().on(TraceKind::kFault)) [[unlikely]] {
    TraceFault(mm, fault, outcome);
  }
  return outcome;
}

}  // namespace faultline::mm
