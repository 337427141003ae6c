// Sending signals: kill, tkill, tgkill, rt_sigqueueinfo, pidfd_send_signal.

#include "plugin/linux/kernel.h"
#include "plugin/linux/signal/calls.h"
#include "plugin/linux/signal/send.h"
#include "plugin/linux/task/pidfd.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

constexpr int kCapKill = 5;

bool ValidOrZero(int signo) { return signo >= 0 && signo <= kSigMax; }

// check_kill_permission().
bool MaySignal(Task& from, Process& to, int signo) {
  if (from.cred().HasCap(kCapKill) || &from.process() == &to ||
      to.leader() == nullptr) {
    return true;
  }
  const Credentials& a = from.cred();
  const Credentials& b = to.leader()->cred();
  return a.euid == b.suid || a.euid == b.uid || a.uid == b.suid ||
         a.uid == b.uid || (signo == kSigCont && from.process().sid == to.sid);
}

SigInfo UserInfo(Task& from, int signo, int code) {
  SigInfo info(signo, code);
  info.rt.pid = from.process().pid();
  info.rt.uid = from.cred().uid;
  return info;
}

ErrnoOr<Done> SendTo(Task& from, Process& to, const SigInfo& info) {
  if (!MaySignal(from, to, info.signo)) {
    return Errno::kEPERM;
  }
  return info.signo == 0 ? ErrnoOr<Done>(kDone) : SendSignal(to, info);
}

// kill(0), kill(-1), kill(-pgid): all members that may be signalled.
SyscallResult KillMany(Task& task, int pgid, const SigInfo& info) {
  // Signals may end and reap processes: walk a copy.
  const auto all = task.kernel().processes().processes();
  bool found = false;
  bool sent = false;
  Errno last = Errno::kESRCH;
  for (const auto& [pid, process] : all) {
    if (pgid == -1 ? process.get() == &task.process() : process->pgid != pgid) {
      continue;
    }
    found = true;
    const ErrnoOr<Done> r = SendTo(task, *process, info);
    sent = sent || r.ok();
    last = r.ok() ? last : r.error();
  }
  if (sent) {
    return 0;
  }
  return found ? last : Errno::kESRCH;
}

SyscallResult KillThread(Task& task, int tgid, int tid, const SigInfo& info) {
  auto target = task.kernel().processes().FindTask(tid);
  if (target == nullptr || (tgid > 0 && target->process().pid() != tgid)) {
    return Errno::kESRCH;
  }
  if (!MaySignal(task, target->process(), info.signo)) {
    return Errno::kEPERM;
  }
  if (info.signo != 0 && !target->exited()) {
    FL_TRY(SendSignal(*target, info));
  }
  return 0;
}

// A siginfo from user space: may not look like one of the kernel's, unless it
// goes to oneself.
ErrnoOr<SigInfo> GetInfo(Task& task, uint64_t user, int signo, int to_pid) {
  FL_ASSIGN(SigInfo info, task.user().Get<SigInfo>(user));
  info.signo = signo;
  if ((info.code >= 0 || info.code == kSiTkill) &&
      to_pid != task.process().pid()) {
    return Errno::kEPERM;
  }
  return info;
}

}  // namespace

SyscallResult SysKill(Task& task, const SyscallArgs& args) {
  const int pid = args.Int(0);
  const int signo = args.Int(1);
  if (!ValidOrZero(signo)) {
    return Errno::kEINVAL;
  }
  const SigInfo info = UserInfo(task, signo, kSiUser);
  if (pid > 0) {
    auto process = task.kernel().processes().FindProcess(pid);
    if (process == nullptr) {
      // Linux finds a process by any of its threads.
      auto thread = task.kernel().processes().FindTask(pid);
      if (thread == nullptr) {
        return Errno::kESRCH;
      }
      process = thread->shared_process();
    }
    FL_TRY(SendTo(task, *process, info));
    return 0;
  }
  if (pid == -2147483647 - 1) {
    return Errno::kESRCH;
  }
  return KillMany(task, pid == 0 ? task.process().pgid : -pid, info);
}

SyscallResult SysTkill(Task& task, const SyscallArgs& args) {
  const int tid = args.Int(0);
  const int signo = args.Int(1);
  if (tid <= 0 || !ValidOrZero(signo)) {
    return Errno::kEINVAL;
  }
  return KillThread(task, 0, tid, UserInfo(task, signo, kSiTkill));
}

SyscallResult SysTgkill(Task& task, const SyscallArgs& args) {
  const int tgid = args.Int(0);
  const int tid = args.Int(1);
  const int signo = args.Int(2);
  if (tgid <= 0 || tid <= 0 || !ValidOrZero(signo)) {
    return Errno::kEINVAL;
  }
  return KillThread(task, tgid, tid, UserInfo(task, signo, kSiTkill));
}

SyscallResult SysRtSigqueueinfo(Task& task, const SyscallArgs& args) {
  const int pid = args.Int(0);
  const int signo = args.Int(1);
  FL_ASSIGN(const SigInfo info, GetInfo(task, args.Ptr(2), signo, pid));
  if (!ValidOrZero(signo)) {
    return Errno::kEINVAL;
  }
  auto process = task.kernel().processes().FindProcess(pid);
  if (process == nullptr) {
    return Errno::kESRCH;
  }
  FL_TRY(SendTo(task, *process, info));
  return 0;
}

SyscallResult SysRtTgsigqueueinfo(Task& task, const SyscallArgs& args) {
  const int tgid = args.Int(0);
  const int tid = args.Int(1);
  const int signo = args.Int(2);
  FL_ASSIGN(const SigInfo info, GetInfo(task, args.Ptr(3), signo, tgid));
  if (tgid <= 0 || tid <= 0 || !ValidOrZero(signo)) {
    return Errno::kEINVAL;
  }
  return KillThread(task, tgid, tid, info);
}

SyscallResult SysPidfdSendSignal(Task& task, const SyscallArgs& args) {
  // PIDFD_SIGNAL_THREAD, _THREAD_GROUP, _PROCESS_GROUP; one at most.
  const unsigned flags = args.Uint(3);
  constexpr unsigned kGroup = 4;
  const int signo = args.Int(1);
  if (flags != 0 && flags != 1 && flags != 2 && flags != kGroup) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const auto pidfd, GetPidfd(task, args.Int(0)));
  Process& process = pidfd->process();
  SigInfo info = UserInfo(task, signo, kSiUser);
  if (args.Ptr(2) != 0) {
    FL_ASSIGN(const SigInfo given, task.user().Get<SigInfo>(args.Ptr(2)));
    if (given.signo != signo) {
      return Errno::kEINVAL;
    }
    FL_ASSIGN(info, GetInfo(task, args.Ptr(2), signo, process.pid()));
  }
  if (!ValidOrZero(signo)) {
    return Errno::kEINVAL;
  }
  if (process.state == Process::State::kReaped) {
    return Errno::kESRCH;
  }
  if (flags == kGroup) {
    return KillMany(task, process.pgid, info);
  }
  if (flags == 1) {
    return KillThread(task, process.pid(), process.pid(), info);
  }
  FL_TRY(SendTo(task, process, info));
  return 0;
}

}  // namespace faultline::os
