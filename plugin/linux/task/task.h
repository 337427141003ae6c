#ifndef FAULTLINE_PLUGIN_LINUX_TASK_TASK_H_
#define FAULTLINE_PLUGIN_LINUX_TASK_TASK_H_

// Task: one guest thread. Linux: struct task_struct. A Process (thread group)
// owns what its threads share; a Task has its registers, its signal mask and
// its actor. Owned by shared_ptr: the ProcessTable holds it while it has a
// tid, its fiber while it runs.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "guest_mm/mm/address_space.h"
#include "guest_mm/sync/scheduler.h"
#include "plugin/engine/cpu.h"
#include "plugin/linux/ptrace/jobctl.h"
#include "plugin/linux/signal/pending.h"
#include "plugin/linux/syscall/call.h"
#include "plugin/linux/task/credentials.h"
#include "plugin/linux/user_memory.h"

namespace faultline::os {

class Abi;
class FdTable;
class FsContext;
class Kernel;
class Process;

// A thread's share of signal state.
struct TaskSignals {
  SignalSet blocked;
  SignalSet saved;  // what RestoreSavedSigmask puts back
  bool has_saved = false;
  // While rt_sigtimedwait has unblocked what it waits for: the set that was
  // blocked before (Linux: real_blocked).
  SignalSet waiting_for;
  PendingSignals pending;
  AltStack alt_stack;
};

// A vfork child's promise to its parent: done when it let go of the memory.
struct VforkDone {
  bool done = false;
  mm::WaitQueue queue{"vfork_done"};
};

// When a thread is told of a memory error that is not its own access: as the
// machine does, at once, or not (PR_MCE_KILL).
enum class MceKill : uint8_t { kLate, kEarly, kDefault };  // as PR_MCE_KILL_*

// rseq(2): the registered area; address 0 is none.
struct RseqArea {
  uint64_t address = 0;
  uint32_t length = 0;
  uint32_t signature = 0;
};

// The run loop's own state (task/run_loop.cc and signal/deliver.cc).
struct TaskRun {
  mm::Actor* actor = nullptr;
  std::unique_ptr<engine::CpuContext> context;
  bool exited = false;
  // exit(2) was called, or exec by another thread: leaves at the next chance.
  bool exit_requested = false;
  int exit_code = 0;
  // The call being made, for restarts; ~0 outside one.
  uint64_t call_number = ~uint64_t{0};
  uint64_t call_arg0 = 0;
  // arm64, once a tracer's stop on the way back has moved the program counter
  // from behind a call that is to be made again onto it: these two places.
  uint64_t backed_up_from = 0, backed_up_to = 0;
  Errno call_error = Errno::kOk;  // ERESTART*: what signal delivery decides on
  bool result_written = false;    // the call has set every register itself
  std::function<SyscallResult(Task&)> restart_block;
  // vfork: the parent waits here until the child lets go of its memory.
  std::shared_ptr<VforkDone> vfork_done;
  // Left of the time slice.
  int64_t slice_ns = 0;
  // A tag check has failed that nobody waited for: SEGV_MTEAERR is due.
  bool late_tag_fault = false;
  // Of the last fault that became a signal: what its frame will show.
  uint64_t fault_address = 0;
  uint64_t fault_code = 0;
  uint64_t trap_number = 0;
  mm::Access fault_access = mm::Access::kRead;
  // While failures are injected: where it last left user mode, and the routine
  // of the guest kernel image whose page fault is being handled, if one is.
  uint64_t user_pc = 0;
  const char* kernel_routine = nullptr;
};

class Task {
 public:
  Task(Kernel& kernel, const Abi& abi, int tid,
       std::shared_ptr<Process> process);
  ~Task();

  int tid() const { return tid_; }
  Kernel& kernel() { return kernel_; }
  Process& process() { return *process_; }
  const Process& process() const { return *process_; }
  std::shared_ptr<Process> shared_process() { return process_; }
  // The architecture's calling conventions and structure layouts.
  const Abi& abi() const { return abi_; }
  // Not after exit: exited() tasks have neither memory nor files.
  mm::AddressSpace& mm() { return *shared.mm; }
  UserMemory user();
  UserAccess user_access() const;
  FdTable& files() { return *shared.files; }
  FsContext& fs() { return *shared.fs; }
  Credentials& cred() { return credentials; }
  const Credentials& cred() const { return credentials; }
  mm::Actor* actor() { return run.actor; }
  bool takes_tagged_addresses() const { return (tagged_addr_ctrl & 1) != 0; }
  bool is_leader() const;
  bool exited() const { return run.exited; }

  // True if a signal is pending that the task does not block: what an
  // interruptible wait looks at.
  bool SignalPending() const;
  bool FatalSignalPending() const;

  // For a call that was interrupted and must go on later with other arguments
  // (nanosleep, poll): remembers how and returns the error to answer with.
  Errno SetRestart(std::function<SyscallResult(Task&)> how) {
    run.restart_block = std::move(how);
    return Errno::kERESTART_RESTARTBLOCK;
  }

  // /proc/PID/stat's letter: R, S, D, T, t, Z.
  char StateLetter() const;

  // What clone(2) may share with other tasks. Null once exited.
  struct Shared {
    std::shared_ptr<mm::AddressSpace> mm;
    std::shared_ptr<FdTable> files;
    std::shared_ptr<FsContext> fs;
  };
  Shared shared;
  Credentials credentials;
  TaskRun run;

  std::string comm;  // at most 15 bytes
  TaskSignals signals;
  Jobctl jobctl;
  Tracee ptrace;
  std::vector<Task*> tracees;  // whom it traces, the latest first
  std::shared_ptr<SignalHandlers> handlers;
  uint64_t set_child_tid = 0;    // CLONE_CHILD_SETTID: written on first run
  uint64_t clear_child_tid = 0;  // zeroed and futex-woken at exit
  uint64_t robust_list = 0;      // set_robust_list's head
  RseqArea rseq;
  int parent_death_signal = 0;
  bool no_new_privs = false;
  MceKill mce_kill = MceKill::kDefault;
  // arm64: what PR_SET_TAGGED_ADDR_CTRL was given (abi_arm64_mte.h).
  uint64_t tagged_addr_ctrl = 0;
  uint32_t personality = 0;
  uint64_t cpu_affinity = 1;
  int nice = 0;
  int sched_policy = 0;
  int sched_priority = 0;
  uint16_t ioprio = 0;
  uint64_t timer_slack_ns = 50'000;
  uint32_t mempolicy_mode = 0;  // set_mempolicy(2), kept for get_mempolicy(2)
  uint64_t mempolicy_nodes = 0;
  uint64_t user_ns = 0, system_ns = 0;  // virtual time spent running
  uint64_t voluntary_switches = 0, involuntary_switches = 0;
  mm::VirtualTime start_time;

 private:
  friend class ProcessTable;

  Kernel& kernel_;
  const Abi& abi_;
  int tid_;
  std::shared_ptr<Process> process_;
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_TASK_TASK_H_
