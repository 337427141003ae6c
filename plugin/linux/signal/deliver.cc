#include "plugin/linux/signal/deliver.h"

#include <optional>

#include "plugin/linux/abi.h"
#include "plugin/linux/debugger.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/observer.h"
#include "plugin/linux/ptrace/ptrace.h"
#include "plugin/linux/signal/alt_stack.h"
#include "plugin/linux/signal/mask.h"
#include "plugin/linux/signal/send.h"
#include "plugin/linux/signal/stop.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/rseq.h"
#include "plugin/linux/task/run_loop.h"
#include "plugin/linux/time/posix_timers.h"

namespace faultline::os {
namespace {

struct Taken {
  SigInfo info;
  SigAction action;
};

std::optional<SigInfo> TakeSignal(Task& task) {
  const SignalSet from = ~task.signals.blocked;
  auto info = task.signals.pending.Take(from);
  if (!info.has_value()) {
    info = task.process().pending.Take(from);
  }
  if (info.has_value() && info->code == kSiTimer) {
    PosixTimerSignalTaken(task, *info);
  }
  return info;
}

void EndBySignal(Task& task, const SigInfo& info) {
  LoadTask(task);
  if (task.kernel().observer() != nullptr) {
    task.kernel().observer()->OnFatalSignal(task, info);
  }
  BeginGroupExit(task.process(), info.signo);
}

void Announce(Task& task, const SigInfo& info) {
  if (task.kernel().observer() != nullptr) {
    task.kernel().observer()->OnSignal(task, info);
  }
  mm::Trace& trace = task.kernel().trace();
  if (trace.on(mm::TraceKind::kSignal)) {
    const mm::TraceField fields[] = {
        mm::TraceField::Dec("tid", uint64_t(task.tid())),
        mm::TraceField::Dec("code", uint64_t(int64_t{info.code}))};
    trace.Emit(mm::TraceKind::kSignal, SignalName(info.signo), fields);
  }
}

// get_signal(): the next signal that has a handler; the rest is done here.
std::optional<Taken> GetSignal(Task& task) {
  for (;;) {
    if (task.process().exiting || task.run.exit_requested) {
      return std::nullopt;
    }
    if (task.jobctl.stop_pending && !task.jobctl.trap_stop) {
      JoinStop(task);
      continue;
    }
    if (task.jobctl.pending()) {
      PtraceJobctlTrap(task);
      continue;
    }
    std::optional<SigInfo> info = TakeSignal(task);
    if (!info.has_value()) {
      RecalcSigpending(task);
      return std::nullopt;
    }
    Announce(task, *info);
    if (Debugger* const debugger = task.kernel().debugger();
        debugger != nullptr && info->signo != kSigKill) [[unlikely]] {
      LoadTask(task);
      info = debugger->OnSignal(task, *info);
      if (!info.has_value()) {
        continue;
      }
    }
    if (task.ptrace.active() && info->signo != kSigKill) {
      info = PtraceSignal(task, *info);
      if (!info.has_value()) {
        continue;
      }
    }
    SigAction& action = task.handlers->action[size_t(info->signo)];
    if (action.is_ignore()) {
      continue;
    }
    if (!action.is_default()) {
      const Taken taken{*info, action};
      if ((action.flags & kSaResetHand) != 0) {
        action.handler = 0;
      }
      return taken;
    }
    switch (DefaultActionOf(info->signo)) {
      case DefaultAction::kIgnore:
      case DefaultAction::kContinue:
        break;
      case DefaultAction::kStop:
        StopProcess(task, info->signo);
        break;
      case DefaultAction::kTerminate:
        EndBySignal(task, *info);
        return std::nullopt;
    }
  }
}

// siginfo_layout(): one that tells of an instruction's fault.
bool HasFaultAddress(const SigInfo& info) {
  constexpr SignalSet kFaults =
      SignalSet::Of(kSigSegv) | SignalSet::Of(kSigBus) |
      SignalSet::Of(kSigIll) | SignalSet::Of(kSigTrap) | SignalSet::Of(kSigFpe);
  return info.code > 0 && info.code < kSiKernel && kFaults.has(info.signo);
}

// The error of the call that was interrupted and may be made again, or kOk. A
// tracer may have been shown it backed up to, and have gone elsewhere.
Errno CallToSettle(Task& task) {
  const Errno e = task.run.call_error;
  const uint64_t after = std::exchange(task.run.backed_up_from, 0);
  if (after != 0) {
    if (task.kernel().cpu().pc() != task.run.backed_up_to) {
      task.run.call_error = Errno::kOk;
      return Errno::kOk;
    }
    task.kernel().cpu().set_pc(after);
  }
  return AsksForRestart(e) ? e : Errno::kOk;
}

// The call that was interrupted, now that a handler is going to run.
void SettleCallForHandler(Task& task, const SigAction& action) {
  const Errno e = CallToSettle(task);
  if (e == Errno::kOk) {
    return;
  }
  const Abi& abi = task.abi();
  engine::Cpu& cpu = task.kernel().cpu();
  const bool again =
      e == Errno::kERESTARTNOINTR ||
      (e == Errno::kERESTARTSYS && (action.flags & kSaRestart) != 0);
  if (again) {
    abi.Restart(cpu, task.run.call_number, task.run.call_arg0);
  } else {
    abi.SetResult(cpu, uint64_t(-int64_t(Errno::kEINTR)));
  }
  task.run.call_error = Errno::kOk;
}

// The same when no handler runs: the call goes on as if nothing had been.
void SettleCallWithoutHandler(Task& task) {
  const Errno e = CallToSettle(task);
  if (e == Errno::kOk) {
    return;
  }
  engine::Cpu& cpu = task.kernel().cpu();
  if (e == Errno::kERESTART_RESTARTBLOCK) {
    task.abi().RestartBlock(cpu, task.run.call_arg0);
  } else {
    task.abi().Restart(cpu, task.run.call_number, task.run.call_arg0);
  }
  task.run.call_error = Errno::kOk;
}

void EnterHandler(Task& task, const Taken& taken) {
  SignalDelivery d;
  d.info = taken.info;
  if (HasFaultAddress(d.info) && (taken.action.flags & kSaExposeTagbits) == 0) {
    d.info.fault.address = task.kernel()
                               .memory()
                               .arch()
                               .Untag(mm::GuestAddr(d.info.fault.address))
                               .value();
  }
  d.action = taken.action;
  d.mask = task.signals.has_saved ? task.signals.saved : task.signals.blocked;
  engine::Cpu& cpu = task.kernel().cpu();
  d.alt_stack = task.signals.alt_stack;
  d.on_alt_stack = EntersAltStack(task, taken.action, cpu.sp());
  d.fault_address = task.run.fault_address;
  d.fault_code = task.run.fault_code;
  d.trap_number = task.run.trap_number;
  RseqAbortSection(task);
  LoadTask(task);
  // Writing the frame may fault pages in and let others run.
  const ErrnoOr<Done> pushed = task.abi().PushSignalFrame(task, cpu, d);
  LoadTask(task);
  if (!pushed.ok()) {
    ForceSegv(task, taken.info.signo);
    return;
  }
  ++task.kernel().stats().signals;
  task.signals.has_saved = false;
  SignalSet blocked = task.signals.blocked | SignalSet(taken.action.mask);
  if ((taken.action.flags & kSaNoDefer) == 0) {
    blocked.add(taken.info.signo);
  }
  AutoDisarm(task);
  SetBlocked(task, blocked);
  PtraceStepIntoHandler(task);
}

}  // namespace

bool AsksForRestart(Errno e) {
  return e == Errno::kERESTARTSYS || e == Errno::kERESTARTNOINTR ||
         e == Errno::kERESTARTNOHAND || e == Errno::kERESTART_RESTARTBLOCK;
}

bool DeliverSignals(Task& task) {
  while (task.SignalPending()) {
    const std::optional<Taken> taken = GetSignal(task);
    if (task.process().exiting || task.run.exit_requested) {
      return false;
    }
    if (!taken.has_value()) {
      break;
    }
    LoadTask(task);
    SettleCallForHandler(task, taken->action);
    EnterHandler(task, *taken);
  }
  LoadTask(task);
  SettleCallWithoutHandler(task);
  if (task.signals.has_saved) {
    task.signals.has_saved = false;
    SetBlocked(task, task.signals.saved);
    // The old mask may let something through that the call's did not.
    return !task.SignalPending() || DeliverSignals(task);
  }
  return !task.process().exiting && !task.run.exit_requested;
}

}  // namespace faultline::os
