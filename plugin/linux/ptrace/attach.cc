#include "plugin/linux/ptrace/attach.h"

#include <algorithm>

#include "plugin/linux/fs/capability.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/ptrace/ptrace.h"
#include "plugin/linux/signal/send.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

// The thread that forked, or, once that is gone, one that is left of it
// (find_new_reaper()). Null: none.
Task* ParentThread(Process& process) {
  Process* const parent = process.parent;
  if (parent == nullptr || parent->threads.empty()) {
    return nullptr;
  }
  const auto it =
      std::ranges::find(parent->threads, process.parent_tid, &Task::tid);
  return it != parent->threads.end() ? *it : parent->threads.front();
}

// ptrace_set_stopped(): one that job control has halted stops for its tracer
// instead, and attaching ends when it has.
void TrapIfStopped(Task& tracer, const std::shared_ptr<Task>& task) {
  if (!task->jobctl.stopped) {
    return;
  }
  Jobctl& jobctl = task->jobctl;
  jobctl.trap_stop = jobctl.trapping = true;
  RecalcSigpending(*task);
  task->process().stop_queue.WakeAll();
  while (jobctl.trapping) {
    if (tracer.kernel().scheduler().Wait(task->ptrace.stop.queue,
                                         mm::Interruptible::kKillable) ==
        mm::WaitResult::kInterrupted) {
      return;
    }
  }
}

}  // namespace

ErrnoOr<Done> CheckPtraceOptions(const Task& tracer, uint64_t options) {
  if ((options & ~uint64_t{kPtraceOptions}) != 0) {
    return Errno::kEINVAL;
  }
  if ((options & kOptionSuspendSeccomp) != 0 &&
      !tracer.cred().HasCap(kCapSysAdmin)) {
    return Errno::kEPERM;
  }
  return kDone;
}

SyscallResult PtraceTraceme(Task& task) {
  Task* const parent = ParentThread(task.process());
  if (task.ptrace.active() || parent == nullptr || parent->exited() ||
      parent->process().exiting || !PtraceMayBeTraced(task, *parent)) {
    return Errno::kEPERM;
  }
  PtraceLink(*parent, task);
  return 0;
}

SyscallResult PtraceAttach(Task& tracer, const std::shared_ptr<Task>& task,
                           Seize seize, uint64_t addr, uint64_t data) {
  if (seize == Seize::kYes) {
    if (addr != 0 || (data & ~uint64_t{kPtraceOptions}) != 0) {
      return Errno::kEIO;
    }
    FL_TRY(CheckPtraceOptions(tracer, data));
  }
  if (&task->process() == &tracer.process() ||
      !PtraceMayAttach(tracer, *task) || task->exited() ||
      task->ptrace.active()) {
    return Errno::kEPERM;
  }
  PtraceLink(tracer, *task);
  if (seize == Seize::kYes) {
    task->ptrace.seized = true;
    task->ptrace.options = uint32_t(data);
  } else {
    (void)SendSignal(*task, SigInfo(kSigStop, kSiKernel)).ok();
  }
  TrapIfStopped(tracer, task);
  return 0;
}

}  // namespace faultline::os
