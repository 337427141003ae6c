#ifndef FAULTLINE_PLUGIN_LINUX_PTRACE_PTRACE_H_
#define FAULTLINE_PLUGIN_LINUX_PTRACE_PTRACE_H_

// Tracing: what the rest of the kernel asks of it. Linux: kernel/ptrace.c,
// kernel/signal.c ptrace_stop(), include/linux/ptrace.h.
//
// A traced thread stops at places of its own choice, on its own fiber
// (stop.cc), and waits until its tracer lets it go (resume.cc). Who traces whom
// is kept on both sides (link.cc): Task::ptrace.tracer and Task::tracees.

#include <cstdint>
#include <optional>

#include "plugin/linux/signal/signal_info.h"
#include "plugin/linux/syscall/call.h"

namespace faultline::os {

class Process;
class Task;

// PTRACE_EVENT_*.
enum PtraceEventCode : int {
  kEventFork = 1,
  kEventVfork = 2,
  kEventClone = 3,
  kEventExec = 4,
  kEventVforkDone = 5,
  kEventExit = 6,
  kEventStop = 128,
};
// PTRACE_O_*; bit n of the others asks for event n.
inline constexpr uint32_t kOptionTraceSysgood = 1;
inline constexpr uint32_t kOptionExitKill = 1 << 20;
inline constexpr uint32_t kOptionSuspendSeccomp = 1 << 21;
inline constexpr uint32_t kPtraceOptions =
    0xff | kOptionExitKill | kOptionSuspendSeccomp;

// --- stop.cc: on the traced thread. All but the first do nothing if it is not
// traced. Afterwards its registers are not loaded and anything may have
// changed, as after any wait. ---

// PTRACE_EVENT_EXIT stops a thread that is being killed, the others do not.
enum class StopIf : uint8_t { kNotKilled, kAlways };
struct PtraceStopRequest {
  int code = 0;             // as wait(2) reports it, without its low byte
  int why = kCldTrapped;    // CLD_*
  uint64_t message = 0;     // PTRACE_GETEVENTMSG
  SigInfo* info = nullptr;  // lives until the stop is over
  StopIf stop_if = StopIf::kNotKilled;
};
// ptrace_stop(): the signal that the tracer lets it go with; `code` at once if
// nobody traces it or it is being killed.
int PtraceStop(Task& task, const PtraceStopRequest& request);
// ptrace_signal(): shows a signal that was taken. Nothing: it is not to be
// delivered, or not now.
std::optional<SigInfo> PtraceSignal(Task& task, const SigInfo& info);
// ptrace_event(): the stop, if the tracer has asked for it. kEventExec without
// that is a SIGTRAP, unless seized.
void PtraceEvent(Task& task, int event, uint64_t message);
// signal_setup_done(): one that is stepped stops at the first instruction of a
// handler.
void PtraceStepIntoHandler(Task& task);
// do_jobctl_trap(): the stop that `task.jobctl` asks for.
void PtraceJobctlTrap(Task& task);

// --- syscall_stop.cc ---

// Stops before a system call. False: it is not to be made; its result is in
// the registers.
bool PtraceSyscallEnter(Task& task);
// Stops after it; its result is in the registers. One that is stepped gets a
// SIGTRAP instead.
void PtraceSyscallExit(Task& task);

// --- link.cc ---

// ptrace_reparented(): the tracer is of another process than the parent.
bool PtraceReparented(const Task& task);
// ptrace_init_task(): a new task of `parent` is traced as that is. Before it
// runs.
void PtraceInherit(Task& parent, Task& child);
// __ptrace_unlink(): nobody traces it any more. It goes on, or halts if its
// process does.
void PtraceUnlink(Task& task);
// exit_ptrace(): a thread that leaves lets go of all that it traces, and
// nobody waits for it to stop any more.
void PtraceExit(Task& tracer);
// ptrace_trap_notify(): a seized thread is to tell of a change of job control.
void PtraceTrapNotify(Task& task);
// do_notify_parent_cldstop() for the tracer: SIGCHLD with `why`, and it looks.
void PtraceTellTracer(Task& task, int why);
// do_notify_parent() for the tracer of a thread that has exited.
void PtraceTellTracerOfExit(Task& task, int signo);

// --- may_attach.cc ---

// __ptrace_may_access(PTRACE_MODE_ATTACH_REALCREDS).
bool PtraceMayAttach(const Task& task, const Task& other);
// cap_ptrace_traceme(): whether `task` may ask to be traced by `parent`.
bool PtraceMayBeTraced(const Task& task, const Task& parent);

SyscallResult SysPtrace(Task& task, const SyscallArgs& args);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_PTRACE_PTRACE_H_
