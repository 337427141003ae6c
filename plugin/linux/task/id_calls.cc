// Process ids, groups and sessions. Linux: kernel/sys.c.

#include "plugin/linux/kernel.h"
#include "plugin/linux/task/calls.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

// The process of `pid` (0: the caller's) or nothing.
std::shared_ptr<Process> Find(Task& task, int pid) {
  if (pid == 0) {
    return task.shared_process();
  }
  auto thread = task.kernel().processes().FindTask(pid);
  return thread != nullptr ? thread->shared_process()
                           : task.kernel().processes().FindProcess(pid);
}

}  // namespace

SyscallResult SysGetpid(Task& task, const SyscallArgs&) {
  return uint64_t(task.process().pid());
}

SyscallResult SysGettid(Task& task, const SyscallArgs&) {
  return uint64_t(task.tid());
}

SyscallResult SysGetppid(Task& task, const SyscallArgs&) {
  return uint64_t(task.process().ppid());
}

SyscallResult SysGetpgrp(Task& task, const SyscallArgs&) {
  return uint64_t(task.process().pgid);
}

SyscallResult SysGetpgid(Task& task, const SyscallArgs& args) {
  auto process = Find(task, args.Int(0));
  return process == nullptr ? SyscallResult(Errno::kESRCH)
                            : uint64_t(process->pgid);
}

SyscallResult SysGetsid(Task& task, const SyscallArgs& args) {
  auto process = Find(task, args.Int(0));
  return process == nullptr ? SyscallResult(Errno::kESRCH)
                            : uint64_t(process->sid);
}

SyscallResult SysSetpgid(Task& task, const SyscallArgs& args) {
  Process& self = task.process();
  const int pid = args.Int(0) == 0 ? self.pid() : args.Int(0);
  const int pgid = args.Int(1) == 0 ? pid : args.Int(1);
  if (pgid < 0) {
    return Errno::kEINVAL;
  }
  auto target = task.kernel().processes().FindProcess(pid);
  if (target == nullptr) {
    return Errno::kESRCH;
  }
  if (target->parent == &self) {
    if (target->sid != self.sid) {
      return Errno::kEPERM;
    }
    if (target->did_exec) {
      return Errno::kEACCES;
    }
  } else if (target.get() != &self) {
    return Errno::kESRCH;
  }
  if (target->sid == target->pid()) {
    return Errno::kEPERM;  // a session leader stays in its group
  }
  if (pgid != pid) {
    bool found = false;
    for (const auto& [other_pid, p] : task.kernel().processes().processes()) {
      found = found || (p->pgid == pgid && p->sid == self.sid);
    }
    if (!found) {
      return Errno::kEPERM;
    }
  }
  target->pgid = pgid;
  return 0;
}

SyscallResult SysSetsid(Task& task, const SyscallArgs&) {
  Process& self = task.process();
  if (task.kernel().processes().GroupExists(self.pid())) {
    return Errno::kEPERM;
  }
  self.sid = self.pgid = self.pid();
  return uint64_t(self.sid);
}

SyscallResult SysSetTidAddress(Task& task, const SyscallArgs& args) {
  task.clear_child_tid = args.Ptr(0);
  return uint64_t(task.tid());
}

}  // namespace faultline::os
