#include "plugin/linux/signal/stop.h"

#include "plugin/linux/kernel.h"
#include "plugin/linux/ptrace/ptrace.h"
#include "plugin/linux/signal/send.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

constexpr SignalSet kStops = SignalSet::Of(kSigStop) | SignalSet::Of(kSigTstp) |
                             SignalSet::Of(kSigTtin) | SignalSet::Of(kSigTtou);

void DiscardEverywhere(Process& process, SignalSet which) {
  process.pending.Discard(which);
  for (Task* t : process.threads) {
    t->signals.pending.Discard(which);
  }
}

// task_clear_jobctl_pending(JOBCTL_STOP_PENDING).
void ForgetStop(Jobctl& jobctl) {
  jobctl.stop_pending = jobctl.stop_consume = jobctl.stop_dequeued = false;
}

bool IsLeaving(const Task& task) {
  return task.exited() || task.run.exit_requested;
}

// prepare_signal() for SIGCONT.
void Continue(Process& process) {
  DiscardEverywhere(process, kStops);
  for (Task* t : process.threads) {
    ForgetStop(t->jobctl);
    if (t->ptrace.seized) {
      PtraceTrapNotify(*t);
    } else {
      t->jobctl.stopped = false;
    }
    RecalcSigpending(*t);
  }
  process.stop_queue.WakeAll();
  if (process.stopped) {
    process.stopped = false;
    process.stop_signal = 0;
    process.stop_count = 0;
    process.continued = true;
    TellParentOfStop(process, kCldContinued);
    if (Task* leader = process.leader();
        leader != nullptr && PtraceReparented(*leader)) {
      PtraceTellTracer(*leader, kCldContinued);
    }
  }
}

}  // namespace

void TellParentOfStop(Process& process, int code) {
  Process* parent = process.parent;
  if (parent == nullptr || parent->threads.empty() || process.threads.empty()) {
    return;
  }
  parent->wait_children.WakeAll();
  const SigAction& action = parent->threads.front()->handlers->action[kSigChld];
  if (action.is_ignore() || (action.flags & kSaNoCldStop) != 0) {
    return;
  }
  SigInfo info(kSigChld, code);
  info.child.pid = process.pid();
  info.child.uid = process.threads.front()->cred().uid;
  info.child.status = code == kCldContinued ? kSigCont : process.stop_signal;
  info.child.utime = int64_t(process.TotalUserNs() / 10'000'000);
  info.child.stime = int64_t(process.TotalSystemNs() / 10'000'000);
  (void)SendSignal(*parent, info).ok();  // SIGCHLD is never refused
}

void PrepareStopOrContinue(Process& process, int signo) {
  if (signo == kSigCont) {
    Continue(process);
  } else if (kStops.has(signo)) {
    DiscardEverywhere(process, SignalSet::Of(kSigCont));
  }
}

void StopProcess(Task& task, int signo) {
  Process& process = task.process();
  if (process.exiting || process.exec_task != nullptr ||
      (task.ptrace.active() && !task.jobctl.stop_dequeued) ||
      (signo != kSigStop && IsOrphanedGroup(process, nullptr))) {
    return;
  }
  if (!process.stopped) {
    process.stopped = true;
    process.stop_reported = false;
    process.continued = false;
    process.stop_signal = signo;
  }
  process.stop_count = 0;
  for (Task* t : process.threads) {
    if (t->jobctl.stopped || IsLeaving(*t)) {
      continue;
    }
    t->jobctl.stop_pending = t->jobctl.stop_consume = true;
    t->jobctl.stop_signal = signo;
    ++process.stop_count;
    if (t != &task && t->ptrace.seized) {
      PtraceTrapNotify(*t);
    }
    RecalcSigpending(*t);
  }
}

StopIsComplete TakePartInStop(Task& task) {
  Process& process = task.process();
  const bool counted = task.jobctl.stop_consume && process.stopped;
  ForgetStop(task.jobctl);
  if (!counted || process.stop_count == 0) {
    return StopIsComplete::kNo;
  }
  --process.stop_count;
  if (process.stop_count != 0 || process.stop_reported) {
    return StopIsComplete::kNo;
  }
  process.stop_reported = true;
  return StopIsComplete::kYes;
}

void JoinStop(Task& task) {
  Process& process = task.process();
  if (task.ptrace.active()) {
    task.jobctl.trap_stop = true;
    return;
  }
  task.jobctl.stopped = true;
  if (TakePartInStop(task) == StopIsComplete::kYes) {
    TellParentOfStop(process, kCldStopped);
  }
  while (task.jobctl.stopped && !task.jobctl.trap_stop && !process.exiting &&
         !task.run.exit_requested && !task.FatalSignalPending()) {
    task.kernel().scheduler().Wait(process.stop_queue,
                                   mm::Interruptible::kKillable);
  }
  task.jobctl.stopped = false;
}

void StopAccountForExit(Task& task) {
  if (TakePartInStop(task) == StopIsComplete::kYes) {
    TellParentOfStop(task.process(), kCldStopped);
  }
}

void JoinStopOfParent(const Task& parent, Task& child) {
  Process& process = child.process();
  if (!process.stopped) {
    return;
  }
  child.jobctl.stop_pending = true;
  child.jobctl.stop_signal = parent.jobctl.stop_signal;
  if (process.stop_count != 0) {
    child.jobctl.stop_consume = true;
    ++process.stop_count;
  }
}

bool IsOrphanedGroup(Process& process, const Process* ignoring) {
  for (const auto& [pid, p] : process.kernel().processes().processes()) {
    if (p->pgid != process.pgid || p.get() == ignoring || p->zombie()) {
      continue;
    }
    // A child of init counts as watched over while it is in init's session:
    // the first program, started by hand.
    const int parent_sid = p->parent == nullptr ? 1 : p->parent->sid;
    const int parent_pgid = p->parent == nullptr ? 1 : p->parent->pgid;
    if (parent_pgid != p->pgid && parent_sid == p->sid) {
      return false;
    }
  }
  return true;
}

}  // namespace faultline::os
