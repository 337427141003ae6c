#ifndef FAULTLINE_PLUGIN_LINUX_TASK_PROCESS_H_
#define FAULTLINE_PLUGIN_LINUX_TASK_PROCESS_H_

// Process: a thread group, and what its threads share besides memory and
// files. Linux: struct signal_struct. Fields are public state, changed by the
// calls in task/ and signal/; everyone else reads.
//
// Life: made by fork with one thread -> running -> exiting (exit_group, or a
// fatal signal: every thread is told) -> zombie when the last thread is gone ->
// reaped by its parent's wait, or at once if the parent does not care.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "guest_mm/sync/scheduler.h"
#include "guest_mm/sync/wait_queue.h"
#include "plugin/linux/loader/initial_stack.h"
#include "plugin/linux/signal/pending.h"
#include "plugin/linux/task/rlimit.h"
#include "plugin/linux/time/timers.h"

namespace faultline::mm {
class MappedFile;
}

namespace faultline::os {

class Kernel;
class Task;

class Process {
 public:
  Process(Kernel& kernel, int pid) : kernel_(kernel), pid_(pid) {}
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  Kernel& kernel() { return kernel_; }
  int pid() const { return pid_; }
  // 1 when the parent is gone: the machine's init, which reaps at once.
  int ppid() const { return parent != nullptr ? parent->pid_ : 1; }
  // The thread whose tid is the pid; null once a zombie is reaped. It may
  // have exited while other threads live.
  Task* leader() const { return leader_; }
  bool zombie() const { return state == State::kZombie; }

  // --- family ---
  Process* parent = nullptr;       // null: init
  int parent_tid = 0;              // its thread that forked
  std::vector<Process*> children;  // in order of creation, zombies included
  std::vector<Task*> threads;      // alive, in order of creation
  int pgid = 0;
  int sid = 0;
  bool did_exec = false;
  int oom_score_adj = 0;  // /proc/PID/oom_score_adj
  int dumpable = 1;
  int membarrier_registered = 0;  // MEMBARRIER_CMD_REGISTER_* so far
  bool child_subreaper = false;

  // --- program ---
  std::shared_ptr<mm::MappedFile> exe;
  uint64_t sigreturn_code = 0;  // in the vDSO page; 0: none
  AuxVector aux;                // /proc/PID/auxv
  std::string exe_path;         // as the guest sees it

  // --- end ---
  enum class State : uint8_t { kRunning, kZombie, kReaped };
  State state = State::kRunning;
  bool exiting = false;                  // SIGNAL_GROUP_EXIT
  Task* exec_task = nullptr;             // the thread that waits to be alone
  int exit_code = 0;                     // as wait(2) encodes it
  int exit_signal = 17;                  // SIGCHLD, or clone's; 0: none
  mm::WaitQueue wait_children{"wait4"};  // parents wait here
  mm::WaitQueue exited{"pidfd"};         // woken when it becomes a zombie
  mm::WaitQueue thread_exited{"de_thread"};
  // Threads that have exited and wait for their tracers to see it: until then
  // the process is no zombie (delay_group_leader()).
  size_t traced_exits = 0;

  // --- signals ---
  PendingSignals pending;
  // Job control. All threads are to halt, or have; one that is traced may have
  // been let go since.
  bool stopped = false;
  int stop_signal = 0;         // waitable as stopped when not 0
  bool stop_reported = false;  // all have halted: the parent was told
  size_t stop_count = 0;       // how many have still to
  bool continued = false;      // waitable as continued
  mm::WaitQueue stop_queue{"do_signal_stop"};

  // --- timers, limits, accounts ---
  IntervalTimers itimers;
  PosixTimers timers;
  std::array<Rlimit, kRlimitCount> rlimits = DefaultRlimits();
  mm::VirtualTime start_time;
  uint64_t user_ns = 0, system_ns = 0;  // of threads that have exited
  uint64_t children_user_ns = 0, children_system_ns = 0;
  uint64_t minor_faults = 0, major_faults = 0;
  uint64_t children_minor_faults = 0, children_major_faults = 0;
  uint64_t max_rss_pages = 0, children_max_rss_pages = 0;

  uint64_t TotalUserNs() const;  // living threads included
  uint64_t TotalSystemNs() const;

 private:
  friend class Task;
  friend class ProcessTable;
  Kernel& kernel_;
  int pid_;
  Task* leader_ = nullptr;
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_TASK_PROCESS_H_
