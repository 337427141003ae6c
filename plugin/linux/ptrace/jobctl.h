#ifndef FAULTLINE_PLUGIN_LINUX_PTRACE_JOBCTL_H_
#define FAULTLINE_PLUGIN_LINUX_PTRACE_JOBCTL_H_

// A thread's own part in the stops of its process and of its tracer. Linux:
// include/linux/sched/jobctl.h. What the threads share (how many are still to
// halt, with which signal) is in Process. Changed by signal/stop.cc and by
// ptrace/.

#include <cstdint>

#include "guest_mm/sync/wait_queue.h"
#include "plugin/linux/signal/signal_info.h"

namespace faultline::os {

class Task;

struct Jobctl {
  bool stop_pending = false;   // is to halt with its process
  bool stop_consume = false;   // and that stop has counted it
  bool stop_dequeued = false;  // took a stop signal; SIGCONT takes it back
  bool stopped = false;        // halts, and no tracer has it
  int stop_signal = 0;         // of the last stop it was asked to join
  bool trap_stop = false;      // is to stop for its tracer
  bool trap_notify = false;    // the same, to tell of a change of job control
  bool trapping = false;       // the tracer waits until it has
  bool listening = false;      // PTRACE_LISTEN

  bool pending() const { return stop_pending || trap_stop || trap_notify; }
};

// What a stop of a traced thread is about, until it is let go.
struct PtraceStopState {
  bool active = false;   // it stands (TASK_TRACED)
  bool dying = false;    // at its exit: being killed does not end the stop
  bool frozen = false;   // a request looks at it: it may not go on
  int code = 0;          // for wait(2), 0 once taken; then the tracer's signal
  uint64_t message = 0;  // PTRACE_GETEVENTMSG
  SigInfo* info = nullptr;  // PTRACE_GETSIGINFO; null: a stop without
  mm::WaitQueue queue{"ptrace_stop"};
};

// struct task_struct's ptrace fields.
struct Tracee {
  Task* tracer = nullptr;  // a thread; null: nobody. Cleared when it exits
  bool seized = false;     // PTRACE_SEIZE
  uint32_t options = 0;    // PTRACE_O_*
  bool syscalls = false;   // stops at system calls: PTRACE_SYSCALL
  bool emulates = false;   // PTRACE_SYSEMU: and makes none
  bool steps = false;      // PTRACE_SINGLESTEP: after each instruction
  bool gone = false;       // has exited, and is not the first of its process
  bool step_due = false;   // arm64: the next step ends before it begins
  PtraceStopState stop;

  bool active() const { return tracer != nullptr; }
  // ptrace_event_enabled().
  bool Wants(int event) const {
    return active() && (options >> event & 1) != 0;
  }
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_PTRACE_JOBCTL_H_
