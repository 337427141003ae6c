// The stops before and after a system call. Linux: include/linux/ptrace.h
// ptrace_report_syscall(), arch/*/kernel/ptrace.c, kernel/entry/common.c.

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

constexpr int kSysgood = 0x80;

void Report(Task& task, SyscallStop which) {
  const int good =
      (task.ptrace.options & kOptionTraceSysgood) != 0 ? kSysgood : 0;
  SigInfo info(kSigTrap, kSigTrap | good);
  info.rt.pid = task.tid();
  info.rt.uid = task.cred().uid;
  const int signo = PtraceStop(
      task, {.code = info.code, .message = uint64_t(which), .info = &info});
  if (signo != 0 && !task.FatalSignalPending()) {
    (void)SendSignal(task, SigInfo(signo, kSiKernel)).ok();
  }
}

void StopAt(Task& task, SyscallStop which) {
  const PtraceArch& arch = PtraceArch::Of(task.abi().arch());
  LoadTask(task);
  const uint64_t kept = arch.BeginSyscallStop(task, which);
  Report(task, which);
  LoadTask(task);
  arch.EndSyscallStop(task, kept);
}

}  // namespace

bool PtraceSyscallEnter(Task& task) {
  const bool emulates = task.ptrace.emulates;
  if (!task.ptrace.active() || !(task.ptrace.syscalls || emulates)) {
    return true;
  }
  StopAt(task, SyscallStop::kEntry);
  return !emulates && !task.FatalSignalPending() &&
         int32_t(task.run.call_number) != -1;
}

void PtraceSyscallExit(Task& task) {
  if (!task.ptrace.active() || task.process().exiting ||
      task.run.exit_requested) {
    return;
  }
  if (task.ptrace.steps && !task.ptrace.emulates) {
    ForceSignal(task, PtraceArch::Of(task.abi().arch()).StepOverCall(task));
    return;
  }
  if (!task.ptrace.syscalls) {
    return;
  }
  StopAt(task, SyscallStop::kExit);
}

}  // namespace faultline::os
