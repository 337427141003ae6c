#include "plugin/linux/signal/stop.h"

#include "plugin/linux/kernel.h"
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

// SIGCHLD for a stop or continuation, unless the parent does not want those.
void NotifyParent(Process& process, int code, int status) {
  Process* parent = process.parent;
  if (parent == nullptr || parent->threads.empty()) {
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
  info.child.status = status;
  info.child.utime = int64_t(process.TotalUserNs() / 10'000'000);
  info.child.stime = int64_t(process.TotalSystemNs() / 10'000'000);
  (void)SendSignal(*parent, info).ok();  // SIGCHLD is never refused
}

void ReportIfAllParked(Process& process) {
  if (process.stopped && !process.stop_reported &&
      process.parked_threads == process.threads.size()) {
    process.stop_reported = true;
    NotifyParent(process, kCldStopped, process.stop_signal);
  }
}

}  // namespace

void PrepareStopOrContinue(Process& process, int signo) {
  if (signo == kSigCont) {
    DiscardEverywhere(process, kStops);
    if (process.stopped) {
      process.stopped = false;
      process.stop_signal = 0;
      process.continued = true;
      process.stop_queue.WakeAll();
      NotifyParent(process, kCldContinued, kSigCont);
    }
  } else if (kStops.has(signo)) {
    DiscardEverywhere(process, SignalSet::Of(kSigCont));
  }
}

void StopProcess(Task& task, int signo) {
  Process& process = task.process();
  if (process.stopped ||
      (signo != kSigStop && IsOrphanedGroup(process, nullptr))) {
    return;
  }
  process.stopped = true;
  process.stop_reported = false;
  process.continued = false;
  process.stop_signal = signo;
  for (Task* t : process.threads) {
    RecalcSigpending(*t);
  }
}

void ParkWhileStopped(Task& task) {
  Process& process = task.process();
  ++process.parked_threads;
  ReportIfAllParked(process);
  while (process.stopped && !process.exiting && !task.run.exit_requested) {
    task.kernel().scheduler().Wait(process.stop_queue,
                                   mm::Interruptible::kKillable);
    if (task.FatalSignalPending()) {
      break;
    }
  }
  --process.parked_threads;
}

void StopAccountForExit(Process& process) { ReportIfAllParked(process); }

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
