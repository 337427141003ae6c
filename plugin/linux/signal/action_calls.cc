// Handlers, masks, the alternate stack, sigreturn.

#include "plugin/linux/abi.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/signal/alt_stack.h"
#include "plugin/linux/signal/calls.h"
#include "plugin/linux/signal/mask.h"
#include "plugin/linux/signal/send.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/run_loop.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

constexpr uint64_t kSetBytes = 8;
// UAPI_SA_FLAGS: programs probe for flags by reading back what was kept.
constexpr uint64_t kKnownFlags = kSaNoCldStop | kSaNoCldWait | kSaSigInfo |
                                 kSaOnStack | kSaRestart | kSaNoDefer |
                                 kSaResetHand | kSaExposeTagbits | kSaRestorer;

// An action that ignores a signal drops those already pending.
void DropIfIgnored(Task& task, int signo, const SigAction& action) {
  const DefaultAction by_default = DefaultActionOf(signo);
  const bool ignores =
      action.is_ignore() ||
      (action.is_default() && (by_default == DefaultAction::kIgnore ||
                               by_default == DefaultAction::kContinue));
  if (!ignores) {
    return;
  }
  task.process().pending.Discard(SignalSet::Of(signo));
  for (Task* t : task.process().threads) {
    t->signals.pending.Discard(SignalSet::Of(signo));
  }
}

}  // namespace

SyscallResult SysRtSigaction(Task& task, const SyscallArgs& args) {
  const int signo = args.Int(0);
  if (args.U64(3) != kSetBytes) {
    return Errno::kEINVAL;
  }
  SigAction next;
  if (args.Ptr(1) != 0) {
    FL_ASSIGN(next, task.user().Get<SigAction>(args.Ptr(1)));
  }
  if (signo < 1 || signo > kSigMax ||
      (args.Ptr(1) != 0 && kUnblockable.has(signo))) {
    return Errno::kEINVAL;
  }
  const SigAction old = task.handlers->action[size_t(signo)];
  if (args.Ptr(1) != 0) {
    next.flags &= kKnownFlags;
    next.mask &= ~kUnblockable.bits();
    task.handlers->action[size_t(signo)] = next;
    DropIfIgnored(task, signo, next);
  }
  if (args.Ptr(2) != 0) {
    FL_TRY(task.user().Put(args.Ptr(2), old));
  }
  return 0;
}

SyscallResult SysRtSigprocmask(Task& task, const SyscallArgs& args) {
  if (args.U64(3) != kSetBytes) {
    return Errno::kEINVAL;
  }
  const SignalSet old = task.signals.blocked;
  if (args.Ptr(1) != 0) {
    FL_ASSIGN(const uint64_t bits, task.user().Get<uint64_t>(args.Ptr(1)));
    const SignalSet set(bits);
    switch (args.Int(0)) {
      case 0:  // SIG_BLOCK
        SetBlocked(task, old | set);
        break;
      case 1:  // SIG_UNBLOCK
        SetBlocked(task, old & ~set);
        break;
      case 2:  // SIG_SETMASK
        SetBlocked(task, set);
        break;
      default:
        return Errno::kEINVAL;
    }
  }
  if (args.Ptr(2) != 0) {
    FL_TRY(task.user().Put(args.Ptr(2), old.bits()));
  }
  return 0;
}

SyscallResult SysRtSigpending(Task& task, const SyscallArgs& args) {
  if (args.U64(1) > kSetBytes) {
    return Errno::kEINVAL;
  }
  const SignalSet set =
      (task.signals.pending.set() | task.process().pending.set()) &
      task.signals.blocked;
  const uint64_t bits = set.bits();
  if (task.user().CopyTo(
          args.Ptr(0),
          absl::MakeConstSpan(reinterpret_cast<const std::byte*>(&bits),
                              size_t(args.U64(1)))) != 0) {
    return Errno::kEFAULT;
  }
  return 0;
}

SyscallResult SysSigaltstack(Task& task, const SyscallArgs& args) {
  LoadTask(task);
  const uint64_t sp = task.kernel().cpu().sp();
  const AltStack old = DescribeAltStack(task, sp);
  if (args.Ptr(0) != 0) {
    FL_ASSIGN(const auto next, task.user().Get<AltStack>(args.Ptr(0)));
    FL_TRY(SetAltStack(task, next, sp));
  }
  if (args.Ptr(1) != 0) {
    FL_TRY(task.user().Put(args.Ptr(1), old));
  }
  return 0;
}

SyscallResult SysRtSigreturn(Task& task, const SyscallArgs&) {
  Kernel& kernel = task.kernel();
  task.run.call_number = ~uint64_t{0};
  task.run.restart_block = nullptr;
  LoadTask(task);
  const ErrnoOr<SignalReturn> r = task.abi().PopSignalFrame(task, kernel.cpu());
  LoadTask(task);
  if (!r.ok()) {
    ForceSegv(task, 0);
    return 0;
  }
  SetBlocked(task, r->mask);
  // A frame's stack may be nonsense: as in Linux, that is not an error.
  (void)SetAltStack(task, r->alt_stack, kernel.cpu().sp()).ok();
  // Every register is the frame's, those that a call's return spoils too.
  task.run.result_written = true;
  return task.abi().ResultRegister(kernel.cpu().ReadRegisters());
}

}  // namespace faultline::os
