#ifndef FAULTLINE_PLUGIN_LINUX_OBSERVER_H_
#define FAULTLINE_PLUGIN_LINUX_OBSERVER_H_

// KernelObserver: told what tasks do, for --strace and crash reports. Called
// on the task's fiber; may read its memory, must not block or change anything.

#include <cstdint>

#include "guest_mm/fault/fault.h"
#include "plugin/linux/signal/signal_info.h"
#include "plugin/linux/syscall/call.h"

namespace faultline::os {

struct OomKill;
class Process;
class Task;

class KernelObserver {
 public:
  virtual ~KernelObserver() = default;
  virtual void OnSyscallEnter(Task& task, uint64_t number,
                              const SyscallArgs& args) {
    (void)task, (void)number, (void)args;
  }
  virtual void OnSyscallExit(Task& task, uint64_t number,
                             const SyscallArgs& args,
                             const SyscallResult& result) {
    (void)task, (void)number, (void)args, (void)result;
  }
  // A page fault in user mode has been dealt with.
  virtual void OnFault(Task& task, const mm::Fault& fault,
                       const mm::PageFaultOutcome& outcome) {
    (void)task, (void)fault, (void)outcome;
  }
  // About to enter a handler, or to be ignored, stopped or killed.
  virtual void OnSignal(Task& task, const SigInfo& info) {
    (void)task, (void)info;
  }
  // A signal without a handler ends the process now; its registers are loaded.
  virtual void OnFatalSignal(Task& task, const SigInfo& info) {
    (void)task, (void)info;
  }
  // A fault found no memory and ends the process now, as its registers and
  // memory were at it.
  virtual void OnOutOfMemory(Task& task) { (void)task; }
  // The OOM killer has chosen, and is about to kill.
  virtual void OnOomKill(const OomKill& kill) { (void)kill; }
  // The last thread of a process is going; its memory is still there.
  virtual void OnExit(Task& task) { (void)task; }
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_OBSERVER_H_
