// Resource limits. Linux: kernel/sys.c do_prlimit().

#include "plugin/linux/kernel.h"
#include "plugin/linux/task/calls.h"
#include "plugin/linux/task/exec.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

constexpr int kCapSysResource = 24;
constexpr uint64_t kMaxOpen = 1 << 20;  // fs.nr_open

// check_prlimit_permission(): the caller's real ids decide, unlike in
// ptrace_may_access().
bool CheckPrlimitPermission(const Task& task, const Task& other) {
  const Credentials& a = task.cred();
  const Credentials& b = other.cred();
  return &task == &other || a.HasCap(kCapSysResource) ||
         (a.uid == b.euid && a.uid == b.suid && a.uid == b.uid &&
          a.gid == b.egid && a.gid == b.sgid && a.gid == b.gid);
}

ErrnoOr<Done> Set(Task& caller, Process& process, int resource,
                  const Rlimit& next) {
  Rlimit& now = process.rlimits[size_t(resource)];
  if (next.soft > next.hard) {
    return Errno::kEINVAL;
  }
  if (resource == kRlimitNofile && next.hard > kMaxOpen) {
    return Errno::kEPERM;
  }
  if (next.hard > now.hard && !caller.cred().HasCap(kCapSysResource)) {
    return Errno::kEPERM;
  }
  now = next;
  for (Task* t : process.threads) {
    if (!t->exited()) {
      t->mm().limits = MmLimitsOf(process, t->cred());
    }
  }
  return kDone;
}

}  // namespace

SyscallResult SysPrlimit64(Task& task, const SyscallArgs& args) {
  const int pid = args.Int(0);
  const int resource = args.Int(1);
  if (resource < 0 || resource >= kRlimitCount) {
    return Errno::kEINVAL;
  }
  Rlimit next;
  if (args.Ptr(2) != 0) {
    FL_ASSIGN(next, task.user().Get<Rlimit>(args.Ptr(2)));
  }
  auto other = pid == 0 ? nullptr : task.kernel().processes().FindTask(pid);
  if (pid != 0 && other == nullptr) {
    return Errno::kESRCH;
  }
  Task& target = other != nullptr ? *other : task;
  if (!CheckPrlimitPermission(task, target)) {
    return Errno::kEPERM;
  }
  const Rlimit old = target.process().rlimits[size_t(resource)];
  if (args.Ptr(2) != 0) {
    FL_TRY(Set(task, target.process(), resource, next));
  }
  if (args.Ptr(3) != 0) {
    FL_TRY(task.user().Put(args.Ptr(3), old));
  }
  return 0;
}

SyscallResult SysGetrlimit(Task& task, const SyscallArgs& args) {
  return SysPrlimit64(task,
                      SyscallArgs({0, args.U64(0), 0, args.Ptr(1), 0, 0}));
}

SyscallResult SysSetrlimit(Task& task, const SyscallArgs& args) {
  if (args.Ptr(1) == 0) {
    return Errno::kEFAULT;
  }
  return SysPrlimit64(task,
                      SyscallArgs({0, args.U64(0), args.Ptr(1), 0, 0, 0}));
}

}  // namespace faultline::os
