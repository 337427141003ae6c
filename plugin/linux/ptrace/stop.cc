// Stopping for a tracer, but for system calls (syscall_stop.cc).

#include "plugin/linux/signal/stop.h"

#include "plugin/linux/abi.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/ptrace/ptrace.h"
#include "plugin/linux/ptrace/ptrace_arch.h"
#include "plugin/linux/signal/send.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/run_loop.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

// Until the tracer lets it go, or it is killed; not while a request looks.
void WaitForTracer(Task& task, mm::Interruptible mode) {
  PtraceStopState& stop = task.ptrace.stop;
  mm::Scheduler& scheduler = task.kernel().scheduler();
  while (stop.active) {
    if (scheduler.Wait(stop.queue, mode) == mm::WaitResult::kInterrupted) {
      break;
    }
  }
  while (stop.frozen) {
    scheduler.Wait(stop.queue, mm::Interruptible::kNo);
  }
  stop.active = false;
}

// ptrace_do_notify().
int StopWithInfo(Task& task, int signo, PtraceStopRequest request) {
  SigInfo info(signo, request.code);
  info.rt.pid = task.tid();
  info.rt.uid = task.cred().uid;
  request.info = &info;
  return PtraceStop(task, request);
}

void BeginSignalStop(Task& task) {
  LoadTask(task);
  PtraceArch::Of(task.abi().arch()).BeginSignalStop(task);
}

}  // namespace

int PtraceStop(Task& task, const PtraceStopRequest& request) {
  Tracee& tracee = task.ptrace;
  PtraceStopState& stop = tracee.stop;
  Jobctl& jobctl = task.jobctl;
  const bool always = request.stop_if == StopIf::kAlways;
  if (!tracee.active() || (!always && task.FatalSignalPending())) {
    return request.code;
  }
  stop.active = true;
  stop.dying = always;
  stop.code = request.code;
  stop.message = request.message;
  stop.info = request.info;
  const bool last_to_halt = request.why == kCldStopped && jobctl.stop_pending &&
                            TakePartInStop(task) == StopIsComplete::kYes;
  jobctl.trap_stop = false;
  if (request.info != nullptr && request.info->code >> 8 == kEventStop) {
    jobctl.trap_notify = false;
  }
  jobctl.trapping = false;
  stop.queue.WakeAll();  // who attaches waits for this
  PtraceTellTracer(task, request.why);
  if (last_to_halt && PtraceReparented(task)) {
    TellParentOfStop(task.process(), kCldStopped);
  }
  WaitForTracer(task,
                always ? mm::Interruptible::kNo : mm::Interruptible::kKillable);
  const int signo = stop.code;
  stop.code = 0;
  stop.message = 0;
  stop.info = nullptr;
  jobctl.listening = false;
  RecalcSigpending(task);
  return signo;
}

std::optional<SigInfo> PtraceSignal(Task& task, const SigInfo& taken) {
  BeginSignalStop(task);
  SigInfo info = taken;
  task.jobctl.stop_dequeued = true;
  const Task* const tracer = task.ptrace.tracer;
  const int tracer_tid = tracer->tid();
  const uint32_t tracer_uid = tracer->cred().uid;
  const int signo = PtraceStop(task, {.code = info.signo, .info = &info});
  if (signo == 0) {
    return std::nullopt;
  }
  if (signo != info.signo) {
    info = SigInfo(signo, kSiUser);
    info.rt.pid = tracer_tid;
    info.rt.uid = tracer_uid;
  }
  if (task.signals.blocked.has(signo) || task.FatalSignalPending()) {
    (void)SendSignal(task, info).ok();  // as good as not taken
    return std::nullopt;
  }
  return info;
}

void PtraceEvent(Task& task, int event, uint64_t message) {
  if (task.ptrace.Wants(event)) {
    // A signal that the tracer lets it go with is not for such a stop.
    (void)StopWithInfo(task, kSigTrap,
                       {.code = event << 8 | kSigTrap,
                        .message = message,
                        .stop_if = event == kEventExit ? StopIf::kAlways
                                                       : StopIf::kNotKilled});
  } else if (event == kEventExec && task.ptrace.active() &&
             !task.ptrace.seized) {
    SigInfo info(kSigTrap, kSiUser);
    info.rt.pid = task.process().pid();
    info.rt.uid = task.cred().uid;
    (void)SendSignal(task, info).ok();  // SIGTRAP is never refused
  }
}

void PtraceStepIntoHandler(Task& task) {
  if (task.ptrace.steps) {
    (void)StopWithInfo(task, kSigTrap, {.code = kSigTrap});
  }
}

void PtraceJobctlTrap(Task& task) {
  if (!task.ptrace.active()) {
    task.jobctl.trap_stop = task.jobctl.trap_notify = false;
    return;
  }
  BeginSignalStop(task);
  int signo = task.jobctl.stop_signal;
  if (!task.ptrace.seized) {
    (void)PtraceStop(task, {.code = signo, .why = kCldStopped});
    return;
  }
  if (!task.process().stopped) {
    signo = kSigTrap;
  }
  (void)StopWithInfo(task, signo,
                     {.code = signo | kEventStop << 8, .why = kCldStopped});
}

}  // namespace faultline::os
