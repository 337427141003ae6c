#include "plugin/linux/task/wait.h"

#include <optional>

#include "plugin/linux/kernel.h"
#include "plugin/linux/ptrace/ptrace.h"
#include "plugin/linux/signal/signal_info.h"
#include "plugin/linux/task/exit.h"
#include "plugin/linux/task/pidfd.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/rusage.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

constexpr int kWnohang = 1;
constexpr int kWuntraced = 2;  // WSTOPPED
constexpr int kWexited = 4;
constexpr int kWcontinued = 8;
constexpr int kWnowait = 0x01000000;
constexpr int kWnothread = 0x20000000;
constexpr int kWall = 0x40000000;
constexpr int kWclone = int(0x80000000u);

enum class IdType { kAll = 0, kPid = 1, kPgid = 2, kPidfd = 3 };

struct WaitFor {
  IdType type = IdType::kAll;
  int id = 0;
  int options = 0;
};

struct Found {
  int pid = 0;
  int status = 0;       // as wait4 reports it
  int code = 0;         // CLD_*
  int info_status = 0;  // si_status
  uint32_t uid = 0;
  Rusage usage;
};

bool IsTracedByParent(const Process& child) {
  const Task* const leader = child.leader();
  return leader != nullptr && leader->ptrace.active() &&
         !PtraceReparented(*leader);
}

// eligible_pid(): a process, or thread `tid` of it.
bool HasId(const Process& process, int tid, const WaitFor& w) {
  switch (w.type) {
    case IdType::kPid:
    case IdType::kPidfd:
      return tid == w.id;
    case IdType::kPgid:
      return process.pgid == w.id;
    case IdType::kAll:
      break;
  }
  return true;
}

// eligible_child(): one that is traced is, whatever it sends at its end.
bool Matches(const Process& child, const WaitFor& w) {
  if (!HasId(child, child.pid(), w)) {
    return false;
  }
  if ((w.options & kWall) != 0 || IsTracedByParent(child)) {
    return true;
  }
  const bool is_clone = child.exit_signal != kSigChld;
  return is_clone == ((w.options & kWclone) != 0);
}

Found Describe(Process& child, int tid, int status, int code, int info_status) {
  Found f;
  f.pid = tid;
  f.status = status;
  f.code = code;
  f.info_status = info_status;
  f.uid = child.leader() != nullptr ? child.leader()->cred().uid : 0;
  f.usage = RusageOf(child, RusageScope::kBoth);
  return f;
}

Found DescribeExit(Process& child, int tid, int code) {
  const bool killed = (code & 0x7f) != 0;
  return Describe(child, tid, code, killed ? kCldKilled : kCldExited,
                  killed ? code & 0x7f : code >> 8 & 0xff);
}

std::optional<Found> LookIfContinued(Process& child, int tid,
                                     const WaitFor& w) {
  if (!child.continued || (w.options & kWcontinued) == 0) {
    return std::nullopt;
  }
  child.continued = (w.options & kWnowait) != 0;
  return Describe(child, tid, 0xffff, kCldContinued, kSigCont);
}

// A zombie that its tracer has seen: its parent is next, if that is another.
void ReapTracee(Task& tracee) {
  if (tracee.is_leader() && !PtraceReparented(tracee)) {
    Reap(tracee.process());
    return;
  }
  PtraceUnlink(tracee);
  ForgetTracedExit(tracee);
}

// What a thread has to report to its tracer: every stop, asked for or not.
std::optional<Found> LookAtTracee(Task& tracee, const WaitFor& w) {
  const bool keep = (w.options & kWnowait) != 0;
  Process& process = tracee.process();
  if (tracee.is_leader() ? process.zombie() : tracee.ptrace.gone) {
    if ((w.options & kWexited) == 0) {
      return std::nullopt;
    }
    Found f = DescribeExit(process, tracee.tid(), ExitCodeOf(tracee));
    if (!keep) {
      ReapTracee(tracee);
    }
    return f;
  }
  PtraceStopState& stop = tracee.ptrace.stop;
  if (stop.active && !tracee.jobctl.listening && stop.code != 0) {
    const int code = stop.code;
    stop.code = keep ? code : 0;
    return Describe(process, tracee.tid(), code << 8 | 0x7f, kCldTrapped, code);
  }
  return LookIfContinued(process, tracee.tid(), w);
}

// What `child` has to report, if anything; taken unless WNOWAIT.
std::optional<Found> Look(Process& child, const WaitFor& w) {
  if (IsTracedByParent(child)) {
    return LookAtTracee(*child.leader(), w);
  }
  const bool keep = (w.options & kWnowait) != 0;
  if (child.zombie() && (w.options & kWexited) != 0) {
    if (child.leader()->ptrace.active()) {
      return std::nullopt;  // its tracer's turn
    }
    Found f = DescribeExit(child, child.pid(), child.exit_code);
    if (!keep) {
      Reap(child);
    }
    return f;
  }
  if (child.stop_signal != 0 && child.stop_reported &&
      (w.options & kWuntraced) != 0) {
    const int signo = child.stop_signal;
    if (!keep) {
      child.stop_signal = 0;
    }
    return Describe(child, child.pid(), signo << 8 | 0x7f, kCldStopped, signo);
  }
  return LookIfContinued(child, child.pid(), w);
}

// ptrace_do_wait(): those whom the caller's threads trace, or the caller alone.
std::optional<Found> LookAtTracees(Task& task, const WaitFor& w, bool* any) {
  for (const Task* thread : task.process().threads) {
    if ((w.options & kWnothread) != 0 && thread != &task) {
      continue;
    }
    for (Task* tracee : thread->tracees) {
      if (!HasId(tracee->process(), tracee->tid(), w)) {
        continue;
      }
      *any = true;
      if (auto found = LookAtTracee(*tracee, w)) {
        return found;
      }
    }
  }
  return std::nullopt;
}

// kECHILD; kERESTARTSYS; nothing with WNOHANG.
ErrnoOr<std::optional<Found>> Wait(Task& task, const WaitFor& w) {
  Process& process = task.process();
  for (;;) {
    bool any = false;
    for (Process* child : process.children) {
      if (!Matches(*child, w)) {
        continue;
      }
      any = true;
      if (auto found = Look(*child, w)) {
        return found;
      }
    }
    if (auto found = LookAtTracees(task, w, &any)) {
      return found;
    }
    if (!any) {
      return Errno::kECHILD;
    }
    if ((w.options & kWnohang) != 0) {
      return std::optional<Found>();
    }
    const mm::WaitResult r = task.kernel().scheduler().Wait(
        process.wait_children, mm::Interruptible::kYes);
    if (r == mm::WaitResult::kInterrupted) {
      return Errno::kERESTARTSYS;
    }
  }
}

ErrnoOr<WaitFor> DecodeId(Task& task, int type, int id, int options) {
  WaitFor w{IdType(type), id, options};
  switch (w.type) {
    case IdType::kAll:
      return w;
    case IdType::kPid:
      return id <= 0 ? ErrnoOr<WaitFor>(Errno::kEINVAL) : w;
    case IdType::kPgid:
      if (id < 0) {
        return Errno::kEINVAL;
      }
      w.id = id == 0 ? task.process().pgid : id;
      return w;
    case IdType::kPidfd: {
      if (id < 0) {
        return Errno::kEINVAL;
      }
      FL_ASSIGN(const auto pidfd, GetPidfd(task, id));
      w.id = pidfd->process().pid();
      return w;
    }
  }
  return Errno::kEINVAL;
}

}  // namespace

SyscallResult SysWait4(Task& task, const SyscallArgs& args) {
  const int pid = args.Int(0);
  const int options = args.Int(2);
  if ((options & ~(kWnohang | kWuntraced | kWcontinued | kWnothread | kWclone |
                   kWall)) != 0) {
    return Errno::kEINVAL;
  }
  if (pid == -2147483647 - 1) {
    return Errno::kESRCH;
  }
  WaitFor w;
  w.options = options | kWexited;
  if (pid < -1 || pid == 0) {
    w.type = IdType::kPgid;
    w.id = pid == 0 ? task.process().pgid : -pid;
  } else if (pid > 0) {
    w.type = IdType::kPid;
    w.id = pid;
  }
  FL_ASSIGN(const std::optional<Found> found, Wait(task, w));
  if (!found.has_value()) {
    return 0;
  }
  if (args.Ptr(1) != 0) {
    FL_TRY(task.user().Put(args.Ptr(1), int32_t(found->status)));
  }
  if (args.Ptr(3) != 0) {
    FL_TRY(task.user().Put(args.Ptr(3), found->usage));
  }
  return uint64_t(found->pid);
}

SyscallResult SysWaitid(Task& task, const SyscallArgs& args) {
  const int options = args.Int(3);
  if ((options & ~(kWnohang | kWnowait | kWexited | kWuntraced | kWcontinued |
                   kWnothread | kWclone | kWall)) != 0 ||
      (options & (kWexited | kWuntraced | kWcontinued)) == 0) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const WaitFor w, DecodeId(task, args.Int(0), args.Int(1), options));
  FL_ASSIGN(const std::optional<Found> found, Wait(task, w));
  if (found.has_value() && args.Ptr(4) != 0) {
    FL_TRY(task.user().Put(args.Ptr(4), found->usage));
  }
  if (args.Ptr(2) != 0) {
    SigInfo info;
    if (found.has_value()) {
      info = SigInfo(kSigChld, found->code);
      info.child.pid = found->pid;
      info.child.uid = found->uid;
      info.child.status = found->info_status;
    }
    // Linux writes the fields one by one; those behind si_status stay.
    const size_t head = offsetof(SigInfo, child) + 12;
    if (task.user().CopyTo(
            args.Ptr(2),
            absl::MakeConstSpan(reinterpret_cast<const std::byte*>(&info),
                                head)) != 0) {
      return Errno::kEFAULT;
    }
  }
  return 0;
}

}  // namespace faultline::os
