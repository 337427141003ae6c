// Who traces whom, and what becomes of it when either ends.

#include <algorithm>

#include "plugin/linux/kernel.h"
#include "plugin/linux/ptrace/attach.h"
#include "plugin/linux/ptrace/ptrace.h"
#include "plugin/linux/signal/send.h"
#include "plugin/linux/signal/stop.h"
#include "plugin/linux/task/exit.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

constexpr uint64_t kNsPerTick = 10'000'000;  // USER_HZ is 100

SigInfo ChildInfo(Task& task, int signo, int code, int status) {
  SigInfo info(signo, code);
  info.child.pid = task.tid();
  info.child.uid = task.cred().uid;
  info.child.status = status;
  info.child.utime = int64_t(task.user_ns / kNsPerTick);
  info.child.stime = int64_t(task.system_ns / kNsPerTick);
  return info;
}

}  // namespace

void PtraceLink(Task& tracer, Task& task) {
  task.ptrace.tracer = &tracer;
  tracer.tracees.insert(tracer.tracees.begin(), &task);
}

bool PtraceReparented(const Task& task) {
  return task.ptrace.active() &&
         &task.ptrace.tracer->process() != task.process().parent;
}

void PtraceInherit(Task& parent, Task& child) {
  child.ptrace.seized = parent.ptrace.seized;
  child.ptrace.options = parent.ptrace.options;
  PtraceLink(*parent.ptrace.tracer, child);
  if (child.ptrace.seized) {
    child.jobctl.trap_stop = true;
  } else {
    child.signals.pending.AddBare(kSigStop);
  }
}

void PtraceUnlink(Task& task) {
  Tracee& tracee = task.ptrace;
  std::erase(tracee.tracer->tracees, &task);
  tracee.tracer = nullptr;
  tracee.seized = tracee.syscalls = tracee.emulates = tracee.steps = false;
  tracee.options = 0;
  Jobctl& jobctl = task.jobctl;
  jobctl.trap_stop = jobctl.trap_notify = jobctl.trapping = false;
  if (task.exited()) {
    return;
  }
  if (task.process().stopped && !task.process().exiting) {
    jobctl.stop_pending = true;
  }
  tracee.stop.active = false;
  tracee.stop.queue.WakeAll();
  RecalcSigpending(task);
}

void PtraceExit(Task& tracer) {
  tracer.jobctl.trapping = false;
  tracer.ptrace.stop.queue.WakeAll();
  while (!tracer.tracees.empty()) {
    Task& task = *tracer.tracees.front();
    if ((task.ptrace.options & kOptionExitKill) != 0 && !task.exited()) {
      (void)SendSignal(task, SigInfo(kSigKill, kSiKernel)).ok();
    }
    PtraceUnlink(task);
    if (task.ptrace.gone || task.is_leader()) {
      ForgetTracedExit(task);
    }
  }
}

void PtraceTrapNotify(Task& task) {
  task.jobctl.trap_notify = true;
  if (task.jobctl.listening) {
    task.ptrace.stop.active = false;
    task.ptrace.stop.queue.WakeAll();
  }
  RecalcSigpending(task);
}

void PtraceTellTracer(Task& task, int why) {
  Task& tracer = *task.ptrace.tracer;
  tracer.process().wait_children.WakeAll();
  const SigAction& action = tracer.handlers->action[kSigChld];
  if (action.is_ignore() || (action.flags & kSaNoCldStop) != 0) {
    return;
  }
  int status = task.ptrace.stop.code & 0x7f;
  if (why == kCldStopped) {
    status = task.process().stop_signal;
  } else if (why == kCldContinued) {
    status = kSigCont;
  }
  (void)SendSignal(tracer.process(), ChildInfo(task, kSigChld, why, status))
      .ok();  // SIGCHLD is never refused
}

void PtraceTellTracerOfExit(Task& task, int signo) {
  Task& tracer = *task.ptrace.tracer;
  const int code = ExitCodeOf(task);
  const bool killed = (code & 0x7f) != 0;
  if (signo != 0) {
    (void)SendSignal(tracer.process(),
                     ChildInfo(task, signo, killed ? kCldKilled : kCldExited,
                               killed ? code & 0x7f : code >> 8 & 0xff))
        .ok();
  }
  tracer.process().wait_children.WakeAll();
}

}  // namespace faultline::os
