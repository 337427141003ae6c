#include "plugin/linux/task/exit.h"

#include <algorithm>

#include "plugin/linux/debugger.h"
#include "plugin/linux/fs/fd_table.h"
#include "plugin/linux/fs/fs_context.h"
#include "plugin/linux/futex/calls.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/observer.h"
#include "plugin/linux/ptrace/ptrace.h"
#include "plugin/linux/signal/send.h"
#include "plugin/linux/signal/stop.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/run_loop.h"
#include "plugin/linux/task/task.h"
#include "plugin/linux/time/itimer.h"
#include "plugin/linux/time/posix_timers.h"

namespace faultline::os {
namespace {

constexpr uint64_t kNsPerTick = 10'000'000;  // USER_HZ is 100

// Who takes over the children of a dying process.
Process* FindReaper(const Process& dying) {
  for (Process* p = dying.parent; p != nullptr; p = p->parent) {
    if (p->child_subreaper && !p->exiting && !p->zombie()) {
      return p;
    }
  }
  return nullptr;
}

bool HasStopped(Kernel& kernel, int pgid) {
  const auto& all = kernel.processes().processes();
  return std::any_of(all.begin(), all.end(), [pgid](const auto& p) {
    return p.second->pgid == pgid && p.second->stopped;
  });
}

// kill_orphaned_pgrp(): a group nobody watches any more must not stay stopped.
void HangUpIfOrphaned(Process& member, const Process* ignoring) {
  if (!IsOrphanedGroup(member, ignoring) ||
      !HasStopped(member.kernel(), member.pgid)) {
    return;
  }
  const int pgid = member.pgid;
  for (int signo : {int{kSigHup}, int{kSigCont}}) {
    const auto all = member.kernel().processes().processes();
    for (const auto& [pid, p] : all) {
      if (p->pgid == pgid) {
        (void)SendSignal(*p, SigInfo(signo, kSiKernel)).ok();
      }
    }
  }
}

bool IsTraced(const Process& process) {
  return process.leader() != nullptr && process.leader()->ptrace.active();
}

void ReparentChildren(Process& process) {
  Process* reaper = FindReaper(process);
  std::vector<Process*> children = std::move(process.children);
  process.children.clear();
  for (Process* child : children) {
    child->parent = reaper;
    for (Task* t : child->threads) {
      if (t->parent_death_signal != 0) {
        (void)SendSignal(*t, SigInfo(t->parent_death_signal, kSiUser)).ok();
      }
    }
    if (reaper != nullptr) {
      reaper->children.push_back(child);
      reaper->wait_children.WakeAll();
    } else if (child->zombie() && !IsTraced(*child)) {
      Reap(*child);
      continue;
    }
    if (child->pgid != process.pgid && child->sid == process.sid) {
      HangUpIfOrphaned(*child, &process);
    }
  }
}

SigInfo ChildInfo(const Process& process, uint32_t uid) {
  const int code = process.exit_code;
  const bool killed = (code & 0x7f) != 0;
  SigInfo info(process.exit_signal, killed ? kCldKilled : kCldExited);
  info.child.pid = process.pid();
  info.child.uid = uid;
  info.child.status = killed ? code & 0x7f : code >> 8 & 0xff;
  info.child.utime = int64_t(process.user_ns / kNsPerTick);
  info.child.stime = int64_t(process.system_ns / kNsPerTick);
  return info;
}

// do_notify_parent(): true if nobody will wait for the zombie. Of one that is
// traced its tracer is told, and will.
bool NotifyParent(Process& process, uint32_t uid) {
  if (Task* leader = process.leader();
      leader != nullptr && leader->ptrace.active()) {
    PtraceTellTracerOfExit(
        *leader, PtraceReparented(*leader) ? kSigChld : process.exit_signal);
    return false;
  }
  Process* parent = process.parent;
  if (parent == nullptr || parent->threads.empty()) {
    return parent == nullptr;
  }
  bool autoreap = false;
  int signo = process.exit_signal;
  if (signo == kSigChld) {
    const SigAction& action =
        parent->threads.front()->handlers->action[kSigChld];
    autoreap = action.is_ignore() || (action.flags & kSaNoCldWait) != 0;
    if (action.is_ignore()) {
      signo = 0;
    }
  }
  if (signo != 0) {
    (void)SendSignal(*parent, ChildInfo(process, uid)).ok();
  }
  parent->wait_children.WakeAll();
  return autoreap;
}

// exit_notify() for the last thread.
void EndProcess(Process& process, uint32_t uid) {
  const std::shared_ptr<Process> keep =
      process.kernel().processes().FindProcess(process.pid());
  if (process.parent != nullptr && process.parent->pgid != process.pgid &&
      process.parent->sid == process.sid) {
    HangUpIfOrphaned(process, &process);
  }
  ReparentChildren(process);
  process.state = Process::State::kZombie;
  process.stopped = false;
  process.kernel().NoteExit(process);
  process.exited.WakeAll();
  if (NotifyParent(process, uid)) {
    Reap(process);
  }
}

void AddToAccounts(Process& process, const Task& task) {
  process.user_ns += task.user_ns;
  process.system_ns += task.system_ns;
}

}  // namespace

void ReleaseMm(Task& task) {
  FutexExit(task);
  if (task.clear_child_tid != 0) {
    if (task.shared.mm.use_count() > 1) {
      // A bad address is nobody's error: the task is gone.
      (void)task.user().Put(task.clear_child_tid, int32_t{0}).ok();
      FutexWakeShared(task, task.clear_child_tid, 1);
    }
    task.clear_child_tid = 0;
  }
  if (task.run.vfork_done != nullptr) {
    task.run.vfork_done->done = true;
    task.run.vfork_done->queue.WakeAll();
    task.run.vfork_done = nullptr;
  }
}

void ExitTask(Task& task) {
  PtraceEvent(task, kEventExit, uint64_t(ExitCodeOf(task)));
  Kernel& kernel = task.kernel();
  const std::shared_ptr<Process> process = task.shared_process();
  const uint32_t uid = task.cred().uid;
  if (process->threads.size() == 1) {
    if (!process->exiting) {
      process->exit_code = task.run.exit_code;
    }
    process->exiting = true;
    LoadTask(task);
    if (kernel.observer() != nullptr) {
      kernel.observer()->OnExit(task);
    }
    if (kernel.debugger() != nullptr) [[unlikely]] {
      kernel.debugger()->OnExit(task);
    }
    CancelIntervalTimers(*process);
    DeletePosixTimers(*process);
  }
  task.actor()->set_exiting();
  ReleaseMm(task);
  process->max_rss_pages =
      std::max(process->max_rss_pages, task.mm().hiwater_rss.value());
  kernel.cpu().SwitchTo(nullptr, task.run.context.get());
  // Letting go may wait: who looks meanwhile is not to find half a task.
  task.run.exited = true;
  task.shared.mm.reset();
  task.shared.files.reset();
  task.shared.fs.reset();

  AddToAccounts(*process, task);
  std::erase(process->threads, &task);
  StopAccountForExit(task);
  process->thread_exited.WakeAll();
  PtraceExit(task);
  if (!task.is_leader() && task.ptrace.active()) {
    ++process->traced_exits;
    task.ptrace.gone = true;
    PtraceTellTracerOfExit(task, kSigChld);
  } else if (!task.is_leader()) {
    kernel.processes().Remove(task);
  }
  if (process->threads.empty() && process->traced_exits == 0) {
    EndProcess(*process, uid);
  }
}

int ExitCodeOf(const Task& task) {
  return task.process().exiting ? task.process().exit_code : task.run.exit_code;
}

void ForgetTracedExit(Task& task) {
  const std::shared_ptr<Process> process = task.shared_process();
  if (task.is_leader()) {
    if (process->zombie() && NotifyParent(*process, task.cred().uid)) {
      Reap(*process);
    }
    return;
  }
  process->kernel().processes().Remove(task);
  --process->traced_exits;
  if (process->threads.empty() && process->traced_exits == 0) {
    EndProcess(*process, process->leader()->cred().uid);
  }
}

void Reap(Process& process) {
  process.state = Process::State::kReaped;
  if (IsTraced(process)) {
    PtraceUnlink(*process.leader());
  }
  if (Process* parent = process.parent; parent != nullptr) {
    parent->children_user_ns += process.user_ns + process.children_user_ns;
    parent->children_system_ns +=
        process.system_ns + process.children_system_ns;
    parent->children_minor_faults +=
        process.minor_faults + process.children_minor_faults;
    parent->children_major_faults +=
        process.major_faults + process.children_major_faults;
    parent->children_max_rss_pages =
        std::max({parent->children_max_rss_pages, process.max_rss_pages,
                  process.children_max_rss_pages});
    std::erase(parent->children, &process);
  }
  process.kernel().processes().Remove(process);
}

SyscallResult SysExit(Task& task, const SyscallArgs& args) {
  task.run.exit_code = (args.Int(0) & 0xff) << 8;
  task.run.exit_requested = true;
  RecalcSigpending(task);
  return 0;
}

SyscallResult SysExitGroup(Task& task, const SyscallArgs& args) {
  task.run.exit_code = (args.Int(0) & 0xff) << 8;
  BeginGroupExit(task.process(), task.run.exit_code);
  return 0;
}

}  // namespace faultline::os
