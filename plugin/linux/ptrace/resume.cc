#include "plugin/linux/ptrace/resume.h"

#include "plugin/linux/ptrace/ptrace.h"
#include "plugin/linux/signal/send.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

bool IsSignalOrNone(uint64_t data) { return data <= uint64_t(kSigMax); }

// ptrace_signal_wake_up() of one that stands and is to look again.
void Retrap(Task& task) {
  task.ptrace.stop.active = false;
  task.ptrace.stop.queue.WakeAll();
}

}  // namespace

SyscallResult PtraceResume(const PtraceCall& call) {
  if (!IsSignalOrNone(call.data)) {
    return Errno::kEIO;
  }
  Tracee& tracee = call.task.ptrace;
  tracee.syscalls = call.request == kSyscall;
  tracee.emulates =
      call.request == kSysemu || call.request == kSysemuSingleStep;
  tracee.steps =
      call.request == kSingleStep || call.request == kSysemuSingleStep;
  tracee.step_due = tracee.step_due && tracee.steps;
  tracee.stop.code = int(call.data);
  tracee.stop.active = false;
  tracee.stop.queue.WakeAll();
  return 0;
}

SyscallResult PtraceDetach(const PtraceCall& call) {
  if (!IsSignalOrNone(call.data)) {
    return Errno::kEIO;
  }
  call.task.ptrace.stop.code = int(call.data);
  PtraceUnlink(call.task);
  return 0;
}

SyscallResult PtraceInterrupt(Task& task) {
  if (!task.ptrace.seized) {
    return Errno::kEIO;
  }
  if (task.exited() || task.FatalSignalPending()) {
    return 0;
  }
  task.jobctl.trap_stop = true;
  if (task.jobctl.listening) {
    Retrap(task);
  }
  RecalcSigpending(task);
  return 0;
}

SyscallResult PtraceListen(Task& task) {
  const SigInfo* const info = task.ptrace.stop.info;
  if (!task.ptrace.seized || info == nullptr || info->code >> 8 != kEventStop) {
    return Errno::kEIO;
  }
  task.jobctl.listening = true;
  if (task.jobctl.trap_notify) {
    Retrap(task);
  }
  return 0;
}

}  // namespace faultline::os
