#include "plugin/linux/task/clone.h"

#include <algorithm>

#include "guest_mm/calls/calls.h"
#include "plugin/linux/abi.h"
#include "plugin/linux/abi_arm64_mte.h"
#include "plugin/linux/debugger.h"
#include "plugin/linux/fs/fd_table.h"
#include "plugin/linux/fs/fs_context.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/ptrace/ptrace.h"
#include "plugin/linux/signal/alt_stack.h"
#include "plugin/linux/signal/send.h"
#include "plugin/linux/signal/stop.h"
#include "plugin/linux/task/pidfd.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/run_loop.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

ErrnoOr<Done> CheckFlags(const CloneRequest& r) {
  const uint64_t f = r.flags;
  const auto has = [f](uint64_t bits) { return (f & bits) != 0; };
  if (has(kCloneNamespaces)) {
    return Errno::kEINVAL;  // a kernel built without namespaces
  }
  if ((has(kCloneThread) && !has(kCloneSighand)) ||
      (has(kCloneSighand) && !has(kCloneVm)) ||
      (has(kCloneSighand) && has(kCloneClearSighand)) ||
      (has(kClonePidfd) && has(kCloneThread | kCloneDetached))) {
    return Errno::kEINVAL;
  }
  if (r.exit_signal < 0 || r.exit_signal > kSigMax) {
    return Errno::kEINVAL;
  }
  return kDone;
}

ErrnoOr<Done> CheckLimits(Task& parent) {
  const auto& tasks = parent.kernel().processes().tasks();
  const uint64_t memory = parent.kernel().options().memory_bytes;
  if (tasks.size() >= size_t(ProcessTable::MaxThreads(memory))) {
    return Errno::kEAGAIN;
  }
  const bool exempt = parent.cred().uid == 0;
  const auto mine = [&parent](const auto& entry) {
    return entry.second->cred().uid == parent.cred().uid;
  };
  return !exempt && uint64_t(std::count_if(tasks.begin(), tasks.end(), mine)) >=
                        parent.process().rlimits[kRlimitNproc].soft
             ? ErrnoOr<Done>(Errno::kEAGAIN)
             : kDone;
}

// A stack for the child's kernel code. The host may refuse, whatever the
// guest's own limits say.
ErrnoOr<Done> ReserveStack(Kernel& kernel) {
  return kernel.scheduler().ReserveStack() ? ErrnoOr<Done>(kDone)
                                           : Errno::kENOMEM;
}

std::shared_ptr<Process> NewProcess(Task& parent, int pid) {
  Process& from = parent.process();
  auto process = std::make_shared<Process>(parent.kernel(), pid);
  process->exe = from.exe;
  process->exe_path = from.exe_path;
  process->aux = from.aux;
  process->sigreturn_code = from.sigreturn_code;
  process->dumpable = from.dumpable;
  process->rlimits = from.rlimits;
  process->start_time = parent.kernel().now();
  return process;
}

// Gives it its place among the others, which may have changed as long as
// anything could wait: a parent that would be its own may be gone. Linux does
// this last as well, under tasklist_lock.
void JoinFamily(Task& parent, const std::shared_ptr<Process>& process,
                const CloneRequest& r) {
  Process& from = parent.process();
  const bool sibling = (r.flags & kCloneParent) != 0;
  process->parent = sibling ? from.parent : &from;
  process->parent_tid = sibling ? from.parent_tid : parent.tid();
  process->exit_signal = sibling ? from.exit_signal : r.exit_signal;
  process->pgid = from.pgid;
  process->sid = from.sid;
  if (process->parent != nullptr) {
    process->parent->children.push_back(process.get());
  }
  from.kernel().processes().Add(process);
}

std::shared_ptr<SignalHandlers> HandlersFor(Task& parent,
                                            const CloneRequest& r) {
  if ((r.flags & kCloneSighand) != 0) {
    return parent.handlers;
  }
  auto copy = std::make_shared<SignalHandlers>();
  copy->action = parent.handlers->action;
  if ((r.flags & kCloneClearSighand) != 0) {
    for (SigAction& a : copy->action) {
      a = a.is_ignore() ? a : SigAction{};
    }
  }
  return copy;
}

ErrnoOr<Task::Shared> SharedFor(Task& parent, const CloneRequest& r) {
  Task::Shared shared = parent.shared;
  if ((r.flags & kCloneFs) == 0) {
    shared.fs = std::make_shared<FsContext>(*parent.shared.fs);
  }
  if ((r.flags & kCloneFiles) == 0) {
    FL_ASSIGN(shared.files, parent.files().Copy());
  }
  if ((r.flags & kCloneVm) == 0) {
    FL_ASSIGN(shared.mm, mm::DupMm(parent.mm()));
  }
  return shared;
}

// The parent's registers with what the child's differ in.
void SetUpRegisters(Task& parent, Task& child, const CloneRequest& r) {
  engine::Cpu& cpu = parent.kernel().cpu();
  LoadTask(parent);
  engine::RegisterFile regs = cpu.ReadRegisters();
  parent.abi().MakeChild(regs, r.stack,
                         (r.flags & kCloneSettls) != 0
                             ? std::optional<uint64_t>(r.tls)
                             : std::nullopt);
  child.run.context = cpu.NewContext();
  SetTaggedAddrCtrl(child, parent.tagged_addr_ctrl);
  LoadTask(child);
  cpu.WriteRegisters(regs);
  LoadTask(parent);
}

void CopyTaskState(Task& parent, Task& child, const CloneRequest& r) {
  const bool same_mm = (r.flags & kCloneVm) != 0;
  child.credentials = parent.credentials;
  child.comm = parent.comm;
  child.signals.blocked = parent.signals.blocked;
  // A thread that shares the memory gets no alternate stack: two would write
  // over each other. vfork's parent does not run meanwhile.
  if (!same_mm || (r.flags & kCloneVfork) != 0) {
    child.signals.alt_stack = parent.signals.alt_stack;
  }
  child.rseq = same_mm ? RseqArea{} : parent.rseq;
  child.set_child_tid = (r.flags & kCloneChildSettid) != 0 ? r.child_tid : 0;
  child.clear_child_tid =
      (r.flags & kCloneChildCleartid) != 0 ? r.child_tid : 0;
  child.no_new_privs = parent.no_new_privs;
  child.mce_kill = parent.mce_kill;
  child.personality = parent.personality;
  child.cpu_affinity = parent.cpu_affinity;
  child.nice = parent.nice;
  child.sched_policy = parent.sched_policy;
  child.sched_priority = parent.sched_priority;
  child.ioprio = parent.ioprio;
  child.timer_slack_ns = parent.timer_slack_ns;
  const TimeRates& rates = parent.kernel().rates();
  child.run.slice_ns = int64_t(rates.slice_blocks * rates.block_ns);
}

// The descriptor and the ids that the caller's memory gets. Gives the
// descriptor, or -1 if none was asked for.
ErrnoOr<int> TellParent(Task& parent, Task& child, const CloneRequest& r) {
  int fd = -1;
  if ((r.flags & kClonePidfd) != 0) {
    FL_ASSIGN(fd, OpenPidfd(parent, child.shared_process(), 0));
    if (auto put = parent.user().Put(r.pidfd, int32_t(fd)); !put.ok()) {
      (void)parent.files().Close(fd).ok();
      return put.error();
    }
  }
  if ((r.flags & kCloneParentSettid) != 0) {
    // A bad address does not undo the clone, as in Linux.
    (void)parent.user().Put(r.parent_tid, int32_t(child.tid())).ok();
  }
  return fd;
}

// After all that may wait: another may have taken the stack meanwhile, or have
// told the parent to die.
ErrnoOr<Done> CanStillBeMade(Task& parent) {
  if (parent.FatalSignalPending()) {
    return Errno::kEINTR;
  }
  return ReserveStack(parent.kernel());
}

// The event that a tracer of the parent has asked for, or 0.
int EventOf(const Task& parent, const CloneRequest& r) {
  if ((r.flags & kCloneUntraced) != 0) {
    return 0;
  }
  int event = kEventFork;
  if ((r.flags & kCloneVfork) != 0) {
    event = kEventVfork;
  } else if ((r.flags & kCloneThread) != 0 || r.exit_signal != kSigChld) {
    event = kEventClone;
  }
  return parent.ptrace.Wants(event) ? event : 0;
}

// False: told to die first.
bool WaitForVfork(Task& parent, VforkDone& done) {
  while (!done.done) {
    const mm::WaitResult r = parent.kernel().scheduler().Wait(
        done.queue, mm::Interruptible::kKillable);
    if (r == mm::WaitResult::kInterrupted) {
      return false;
    }
  }
  return true;
}

}  // namespace

ErrnoOr<int> Clone(Task& parent, const CloneRequest& r) {
  FL_TRY(CheckFlags(r));
  FL_TRY(CheckLimits(parent));
  if (parent.SignalPending()) {
    return Errno::kERESTARTNOINTR;
  }
  Kernel& kernel = parent.kernel();
  // May wait for long; the id is taken after it.
  FL_ASSIGN(Task::Shared shared, SharedFor(parent, r));
  FL_ASSIGN(const ProcessTable::Reservation reserved,
            kernel.processes().Reserve(r.wanted_tid));
  const int tid = reserved.id();
  const bool thread = (r.flags & kCloneThread) != 0;
  auto process = thread ? parent.shared_process() : NewProcess(parent, tid);
  auto child = std::make_shared<Task>(kernel, parent.abi(), tid, process);
  child->shared = std::move(shared);
  child->handlers = HandlersFor(parent, r);
  CopyTaskState(parent, *child, r);
  FL_TRY(ReserveStack(kernel));
  FL_ASSIGN(const int pidfd, TellParent(parent, *child, r));
  if (const ErrnoOr<Done> can = CanStillBeMade(parent); !can.ok()) {
    if (pidfd >= 0) {
      (void)parent.files().Close(pidfd).ok();
    }
    return can.error();
  }
  // From here on nothing waits.
  SetUpRegisters(parent, *child, r);
  std::shared_ptr<VforkDone> vfork;
  if ((r.flags & kCloneVfork) != 0) {
    vfork = child->run.vfork_done = std::make_shared<VforkDone>();
  }
  if (!thread) {
    JoinFamily(parent, process, r);
  }
  const int event = EventOf(parent, r);
  if (parent.ptrace.active() && (event != 0 || (r.flags & kClonePtrace) != 0)) {
    PtraceInherit(parent, *child);
  }
  kernel.processes().Add(child);
  if (thread) {
    JoinStopOfParent(parent, *child);
  }
  ++kernel.stats().forks;
  SpawnTask(child);
  if (kernel.debugger() != nullptr) [[unlikely]] {
    LoadTask(parent);
    kernel.debugger()->OnClone(parent, *child, r.flags);
  }
  if (event != 0) {
    PtraceEvent(parent, event, uint64_t(tid));
  }
  if (vfork != nullptr && WaitForVfork(parent, *vfork)) {
    if (kernel.debugger() != nullptr) [[unlikely]] {
      LoadTask(parent);
      kernel.debugger()->OnVforkDone(parent);
    }
    PtraceEvent(parent, kEventVforkDone, uint64_t(tid));
  }
  return tid;
}

}  // namespace faultline::os
