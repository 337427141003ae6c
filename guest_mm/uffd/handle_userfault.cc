#include "guest_mm/uffd/handle_userfault.h"

#include <memory>

#include "guest_mm/fault/fatal_signal.h"
#include "guest_mm/sync/scheduler.h"
#include "guest_mm/uffd/uffd_context.h"

namespace faultline::mm {
namespace {

// userfault_msg().
uint64_t MessageFlags(const VmFault& f, UffdReason reason) {
  return (f.write() ? kUffdFaultWrite : 0) |
         (reason == UffdReason::kWp ? kUffdFaultWp : 0) |
         (reason == UffdReason::kMinor ? kUffdFaultMinor : 0);
}

// userfaultfd_must_wait(): it may have been resolved before it was queued.
bool MustWait(const VmFault& f, UffdReason reason) {
  const Entry e = f.table().Get(f.table().Walk(f.address));
  if (e.none() || e.kind == EntryKind::kMarker) {
    return true;
  }
  return reason == UffdReason::kWp && !e.write();
}

bool CanWait(const VmFault& f, const UffdContext* ctx) {
  const Actor* const me = Scheduler::Current();
  return me != nullptr && !me->exiting() && ctx != nullptr &&
         f.may_retry == MayRetry::kYes && !ctx->Has(kUffdSigbus) &&
         (f.mode == Mode::kUser ||
          ctx->user_mode_only() == UffdContext::UserModeOnly::kNo);
}

}  // namespace

VmFaultResult HandleUserfault(VmFault& f, UffdReason reason)
    ABSL_NO_THREAD_SAFETY_ANALYSIS {
  // A reference before mmap_lock is given back.
  const std::shared_ptr<UffdContext> ctx = f.vma.uffd;
  if (!CanWait(f, ctx.get())) {
    return VmFaultResult::Of(VmFaultResult::Kind::kBusError);
  }
  if (ctx->released()) {
    return VmFaultResult::Done();
  }
  UffdFault fault(ctx->Has(kUffdExactAddress) ? f.exact_address : f.address,
                  MessageFlags(f, reason), *Scheduler::Current());
  ctx->Raise(fault);
  Scheduler::PointIfActive(kUffdRaisedPoint);
  const bool must_wait = MustWait(f, reason);
  f.pin.reset();  // the table may go while we wait
  f.mm.mmap_lock().ReadRelease();
  WaitResult waited = WaitResult::kWoken;
  if (must_wait && !ctx->released() && !fault.woken()) {
    ctx->NotifyReaders();
    waited = Scheduler::Active()->Wait(fault.queue, f.interruptible);
  }
  if (waited == WaitResult::kInterrupted && f.mode == Mode::kKernel &&
      !FatalSignalPending()) {
    // Still to be read: a reader must be able to come upon it.
    Scheduler::Active()->GoRound(kUffdSignalPoint);
  }
  ctx->Withdraw(fault);
  return VmFaultResult::Of(VmFaultResult::Kind::kRetry);
}

}  // namespace faultline::mm
