#include "plugin/api/observer.h"

#include "plugin/linux/task/process.h"
#include "plugin/linux/task/run_loop.h"
#include "plugin/linux/task/task.h"

namespace faultline::api {

void PluginObserver::OnSyscallEnter(os::Task& task, uint64_t number,
                                    const os::SyscallArgs& args) {
  const uint64_t raw[] = {args.U64(0), args.U64(1), args.U64(2),
                          args.U64(3), args.U64(4), args.U64(5)};
  os::LoadTask(task);
  host_.SeeSyscall(int64_t(number), raw);
  if (next_ != nullptr) {
    next_->OnSyscallEnter(task, number, args);
  }
}

void PluginObserver::OnSyscallExit(os::Task& task, uint64_t number,
                                   const os::SyscallArgs& args,
                                   const os::SyscallResult& result) {
  // As in QEMU, the last call of a thread does not return.
  if (!task.exited() && !task.run.exit_requested && !task.process().exiting) {
    os::LoadTask(task);
    host_.SeeSyscallReturn(int64_t(number), result.ok()
                                                ? int64_t(*result)
                                                : -int64_t(result.error()));
  }
  if (next_ != nullptr) {
    next_->OnSyscallExit(task, number, args, result);
  }
}

void PluginObserver::OnFault(os::Task& task, const mm::Fault& fault,
                             const mm::PageFaultOutcome& outcome) {
  host_.own().SeeFault(task, fault, outcome);
  if (next_ != nullptr) {
    next_->OnFault(task, fault, outcome);
  }
}
void PluginObserver::OnSignal(os::Task& task, const os::SigInfo& info) {
  if (next_ != nullptr) {
    next_->OnSignal(task, info);
  }
}
void PluginObserver::OnFatalSignal(os::Task& task, const os::SigInfo& info) {
  if (next_ != nullptr) {
    next_->OnFatalSignal(task, info);
  }
}
void PluginObserver::OnOutOfMemory(os::Task& task) {
  if (next_ != nullptr) {
    next_->OnOutOfMemory(task);
  }
}
void PluginObserver::OnOomKill(const os::OomKill& kill) {
  if (next_ != nullptr) {
    next_->OnOomKill(kill);
  }
}
void PluginObserver::OnExit(os::Task& task) {
  if (next_ != nullptr) {
    next_->OnExit(task);
  }
}

}  // namespace faultline::api
