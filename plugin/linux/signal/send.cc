#include "plugin/linux/signal/send.h"

#include "plugin/linux/kernel.h"
#include "plugin/linux/signal/stop.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

// Signals whose default is a core dump: Linux lets the receiving thread dump
// instead of killing the group from the sender.
constexpr SignalSet kCoreDump =
    SignalSet::Of(kSigQuit) | SignalSet::Of(kSigIll) | SignalSet::Of(kSigTrap) |
    SignalSet::Of(kSigAbrt) | SignalSet::Of(kSigBus) | SignalSet::Of(kSigFpe) |
    SignalSet::Of(kSigSegv) | SignalSet::Of(kSigXcpu) |
    SignalSet::Of(kSigXfsz) | SignalSet::Of(kSigSys);

bool IsIgnored(const Task& task, int signo) {
  // A blocked signal is kept: the program may yet give it a handler.
  if (task.signals.blocked.has(signo) || task.signals.waiting_for.has(signo)) {
    return false;
  }
  if (task.ptrace.active() && signo != kSigKill) {
    return false;  // its tracer is to see it
  }
  const SigAction& action = task.handlers->action[size_t(signo)];
  const DefaultAction by_default = DefaultActionOf(signo);
  return action.is_ignore() ||
         (action.is_default() && (by_default == DefaultAction::kIgnore ||
                                  by_default == DefaultAction::kContinue));
}

bool WouldKill(const Task& task, int signo) {
  return task.handlers->action[size_t(signo)].is_default() &&
         DefaultActionOf(signo) == DefaultAction::kTerminate;
}

bool Wants(const Task& task, int signo) {
  if (task.exited() || task.run.exit_requested) {
    return false;
  }
  return signo == kSigKill || !task.signals.blocked.has(signo);
}

// Who should handle a signal of the whole process: the leader if it can, one
// that is not busy with another if possible.
Task* PickThread(Process& process, int signo) {
  Task* any = nullptr;
  for (Task* t : process.threads) {
    if (Wants(*t, signo)) {
      if (!t->SignalPending()) {
        return t;
      }
      any = any == nullptr ? t : any;
    }
  }
  return any;
}

// complete_signal(): wakes `target`; a signal that is going to kill the
// process starts doing so here. A tracer of `judge` has a say in that.
void Complete(Task& target, const Task& judge, int signo) {
  Process& process = target.process();
  if (WouldKill(target, signo) && !process.exiting &&
      !target.signals.waiting_for.has(signo) &&
      (signo == kSigKill ||
       (!kCoreDump.has(signo) && !judge.ptrace.active()))) {
    BeginGroupExit(process, signo);
    return;
  }
  target.kernel().scheduler().Interrupt(
      *target.actor(),
      signo == kSigKill ? mm::Interruption::kFatal : mm::Interruption::kSignal);
}

// Each timer has its place in the queue from the start.
size_t QueuedSignals(const Process& process) {
  size_t n = process.pending.queued() + process.timers.by_id.size();
  for (const Task* t : process.threads) {
    n += t->signals.pending.queued();
  }
  return n;
}

// kEAGAIN, or whether it was queued.
ErrnoOr<bool> Queue(Process& process, PendingSignals& pending,
                    const SigInfo& info) {
  if (info.code == kSiTimer) {
    return pending.Add(info);  // the timer has paid: send_sigqueue()
  }
  if (info.signo < kSigRtMin && pending.set().has(info.signo)) {
    return false;
  }
  // The kernel's own signals under kSigRtMin pass the limit, at most one of
  // each, but not the pool's end.
  const bool full = SigpendingFull(process);
  if (full && info.signo >= kSigRtMin && info.code != kSiUser &&
      info.code != kSiKernel) {
    return Errno::kEAGAIN;
  }
  auto room = process.kernel().sigqueue().Take();
  if (!room.has_value() || (full && info.code < 0)) {
    pending.AddBare(info.signo);
    return true;
  }
  return pending.Add(info, *std::move(room));
}

ErrnoOr<Done> Send(Process& process, Task* only, const SigInfo& info) {
  if (process.exiting || process.threads.empty()) {
    return kDone;  // on its way out: nothing reaches it any more
  }
  PrepareStopOrContinue(process, info.signo);
  Task& judge = only != nullptr ? *only : *process.threads.front();
  if (IsIgnored(judge, info.signo)) {
    return kDone;
  }
  PendingSignals& pending =
      only != nullptr ? only->signals.pending : process.pending;
  FL_ASSIGN(const bool queued, Queue(process, pending, info));
  if (!queued) {
    return kDone;
  }
  judge.handlers->signalfd_queue.WakeAll();
  Task* target = only != nullptr ? (Wants(*only, info.signo) ? only : nullptr)
                                 : PickThread(process, info.signo);
  if (target != nullptr) {
    Complete(*target, judge, info.signo);
  }
  return kDone;
}

}  // namespace

bool SigpendingFull(Process& process) {
  const SigqueuePool& pool = process.kernel().sigqueue();
  return QueuedSignals(process) >= process.rlimits[kRlimitSigpending].soft ||
         pool.used() >= pool.limit();
}

DefaultAction DefaultActionOf(int signo) {
  switch (signo) {
    case kSigChld:
    case kSigUrg:
    case kSigWinch:
      return DefaultAction::kIgnore;
    case kSigCont:
      return DefaultAction::kContinue;
    case kSigStop:
    case kSigTstp:
    case kSigTtin:
    case kSigTtou:
      return DefaultAction::kStop;
    default:
      return DefaultAction::kTerminate;
  }
}

ErrnoOr<Done> SendSignal(Task& task, const SigInfo& info) {
  return Send(task.process(), &task, info);
}

ErrnoOr<Done> SendSignal(Process& process, const SigInfo& info) {
  return Send(process, nullptr, info);
}

void ForceSignal(Task& task, const SigInfo& info) {
  SigAction& action = task.handlers->action[size_t(info.signo)];
  const bool blocked = task.signals.blocked.has(info.signo);
  if (blocked || action.is_ignore()) {
    action.handler = 0;
    task.signals.blocked.remove(info.signo);
  }
  task.signals.pending.Discard(SignalSet::Of(info.signo));
  // Of these one per thread at most: no room is asked for.
  task.signals.pending.Add(info);
  RecalcSigpending(task);
}

void ForceSegv(Task& task, int signo) {
  if (signo == kSigSegv) {
    task.handlers->action[kSigSegv].handler = 0;
  }
  ForceSignal(task, SigInfo(kSigSegv, kSiKernel));
}

void SendSigPipe(Task& task) {
  SigInfo info(kSigPipe, kSiUser);
  info.rt.pid = task.process().pid();
  info.rt.uid = task.cred().uid;
  // A signal under kSigRtMin is never refused for lack of room.
  (void)SendSignal(task, info).ok();
}

void BeginGroupExit(Process& process, int code) {
  if (process.exiting) {
    return;
  }
  process.exiting = true;
  process.exit_code = code;
  process.stopped = false;
  process.stop_queue.WakeAll();
  for (Task* t : process.threads) {
    t->jobctl.stop_pending = t->jobctl.stop_consume = false;
    t->jobctl.trap_stop = t->jobctl.trap_notify = false;
    t->signals.pending.AddBare(kSigKill);
    if (t->actor() != nullptr) {
      t->kernel().scheduler().Interrupt(*t->actor(), mm::Interruption::kFatal);
    }
  }
}

void RecalcSigpending(Task& task) {
  if (task.actor() == nullptr) {
    return;
  }
  const Process& process = task.process();
  const SignalSet ready = (task.signals.pending.set() | process.pending.set()) &
                          ~(task.signals.blocked);
  if (process.exiting || task.run.exit_requested ||
      task.signals.pending.set().has(kSigKill)) {
    task.kernel().scheduler().Interrupt(*task.actor(),
                                        mm::Interruption::kFatal);
  } else if (!ready.empty() || task.jobctl.pending()) {
    task.kernel().scheduler().Interrupt(*task.actor(),
                                        mm::Interruption::kSignal);
  } else {
    task.actor()->ClearInterruption();
  }
}

}  // namespace faultline::os
