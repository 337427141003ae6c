// Scheduling parameters. Kept and answered as Linux does; who runs is up to
// the run's strategy. Linux: kernel/sched/syscalls.c.

#include <algorithm>

#include "plugin/linux/kernel.h"
#include "plugin/linux/task/calls.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/run_loop.h"
#include "plugin/linux/task/task.h"
#include "plugin/linux/time/clock.h"

namespace faultline::os {
namespace {

constexpr int kOther = 0, kFifo = 1, kRr = 2, kBatch = 3, kIdle = 5,
              kDeadline = 6;
constexpr int kResetOnFork = 0x40000000;
constexpr int kCapSysNice = 23;
constexpr uint64_t kCpuMask = 1;  // one CPU
constexpr size_t kMaskBytes = 8;

bool IsRealTime(int policy) { return policy == kFifo || policy == kRr; }
bool IsPolicy(int policy) {
  return policy == kOther || IsRealTime(policy) || policy == kBatch ||
         policy == kIdle;
}

// The task of `tid`, 0 being the caller.
std::shared_ptr<Task> Find(Task& task, int tid) {
  return task.kernel().processes().FindTask(tid == 0 ? task.tid() : tid);
}

ErrnoOr<Done> SetPolicy(Task& caller, Task& target, int policy, int priority) {
  const int plain = policy & ~kResetOnFork;
  if (!IsPolicy(plain) || priority < 0 || priority > 99 ||
      IsRealTime(plain) != (priority != 0)) {
    return Errno::kEINVAL;
  }
  if (IsRealTime(plain) && !caller.cred().HasCap(kCapSysNice)) {
    return Errno::kEPERM;
  }
  target.sched_policy = policy;
  target.sched_priority = priority;
  return kDone;
}

}  // namespace

SyscallResult SysSchedYield(Task& task, const SyscallArgs&) {
  ++task.voluntary_switches;
  task.kernel().scheduler().Yield(kSchedYieldPoint);
  return 0;
}

SyscallResult SysSchedGetaffinity(Task& task, const SyscallArgs& args) {
  const size_t bytes = args.Uint(1);
  if (bytes < kMaskBytes || bytes % kMaskBytes != 0) {
    return Errno::kEINVAL;
  }
  auto target = Find(task, args.Int(0));
  if (target == nullptr) {
    return Errno::kESRCH;
  }
  FL_TRY(task.user().Put(args.Ptr(2), target->cpu_affinity & kCpuMask));
  return uint64_t{kMaskBytes};
}

SyscallResult SysSchedSetaffinity(Task& task, const SyscallArgs& args) {
  uint64_t mask = 0;
  const size_t bytes = std::min<size_t>(args.Uint(1), sizeof mask);
  if (task.user().CopyFrom(
          absl::MakeSpan(reinterpret_cast<std::byte*>(&mask), bytes),
          args.Ptr(2)) != 0) {
    return Errno::kEFAULT;
  }
  auto target = Find(task, args.Int(0));
  if (target == nullptr) {
    return Errno::kESRCH;
  }
  if ((mask & kCpuMask) == 0) {
    return Errno::kEINVAL;
  }
  target->cpu_affinity = mask & kCpuMask;
  return 0;
}

SyscallResult SysSchedGetscheduler(Task& task, const SyscallArgs& args) {
  if (args.Int(0) < 0) {
    return Errno::kEINVAL;
  }
  auto target = Find(task, args.Int(0));
  return target == nullptr ? SyscallResult(Errno::kESRCH)
                           : uint64_t(target->sched_policy);
}

SyscallResult SysSchedSetscheduler(Task& task, const SyscallArgs& args) {
  if (args.Int(0) < 0 || args.Int(1) < 0 || args.Ptr(2) == 0) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const auto priority, task.user().Get<int32_t>(args.Ptr(2)));
  auto target = Find(task, args.Int(0));
  if (target == nullptr) {
    return Errno::kESRCH;
  }
  FL_TRY(SetPolicy(task, *target, args.Int(1), priority));
  return 0;
}

SyscallResult SysSchedGetparam(Task& task, const SyscallArgs& args) {
  if (args.Int(0) < 0 || args.Ptr(1) == 0) {
    return Errno::kEINVAL;
  }
  auto target = Find(task, args.Int(0));
  if (target == nullptr) {
    return Errno::kESRCH;
  }
  FL_TRY(task.user().Put(args.Ptr(1), int32_t(target->sched_priority)));
  return 0;
}

SyscallResult SysSchedSetparam(Task& task, const SyscallArgs& args) {
  if (args.Int(0) < 0 || args.Ptr(1) == 0) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const auto priority, task.user().Get<int32_t>(args.Ptr(1)));
  auto target = Find(task, args.Int(0));
  if (target == nullptr) {
    return Errno::kESRCH;
  }
  FL_TRY(SetPolicy(task, *target, target->sched_policy, priority));
  return 0;
}

SyscallResult SysSchedGetPriorityMax(Task&, const SyscallArgs& args) {
  if (!IsPolicy(args.Int(0)) && args.Int(0) != kDeadline) {
    return Errno::kEINVAL;
  }
  return IsRealTime(args.Int(0)) ? uint64_t{99} : uint64_t{0};
}

SyscallResult SysSchedGetPriorityMin(Task&, const SyscallArgs& args) {
  if (!IsPolicy(args.Int(0)) && args.Int(0) != kDeadline) {
    return Errno::kEINVAL;
  }
  return IsRealTime(args.Int(0)) ? uint64_t{1} : uint64_t{0};
}

SyscallResult SysSchedRrGetInterval(Task& task, const SyscallArgs& args) {
  auto target = Find(task, args.Int(0));
  if (target == nullptr) {
    return Errno::kESRCH;
  }
  const TimeRates& rates = task.kernel().rates();
  FL_TRY(task.user().Put(
      args.Ptr(1), Timespec::FromNs(rates.slice_blocks * rates.block_ns)));
  return 0;
}

SyscallResult SysGetpriority(Task& task, const SyscallArgs& args) {
  constexpr int kProcess = 0, kGroup = 1, kUser = 2;
  const int which = args.Int(0);
  const int who = args.Int(1);
  if (which < kProcess || which > kUser) {
    return Errno::kEINVAL;
  }
  int best = 41;  // above every nice value, as the call counts them
  for (const auto& [tid, t] : task.kernel().processes().tasks()) {
    const bool match =
        which == kProcess ? t->tid() == (who == 0 ? task.tid() : who)
        : which == kGroup
            ? t->process().pgid == (who == 0 ? task.process().pgid : who)
            : int(t->cred().uid) == (who == 0 ? int(task.cred().uid) : who);
    if (match) {
      best = std::min(best, t->nice);
    }
  }
  // 20 minus the nice value, so that it is never negative.
  return best == 41 ? SyscallResult(Errno::kESRCH) : uint64_t(20 - best);
}

SyscallResult SysSetpriority(Task& task, const SyscallArgs& args) {
  constexpr int kProcess = 0;
  if (args.Int(0) < 0 || args.Int(0) > 2) {
    return Errno::kEINVAL;
  }
  const int nice = std::clamp(args.Int(2), -20, 19);
  if (args.Int(0) != kProcess) {
    return Errno::kESRCH;
  }
  auto target = Find(task, args.Int(1));
  if (target == nullptr) {
    return Errno::kESRCH;
  }
  if (nice < target->nice && !task.cred().HasCap(kCapSysNice)) {
    return Errno::kEACCES;
  }
  target->nice = nice;
  return 0;
}

SyscallResult SysIoprioGet(Task& task, const SyscallArgs& args) {
  constexpr int kWhoProcess = 1;
  if (args.Int(0) < kWhoProcess || args.Int(0) > 3) {
    return Errno::kEINVAL;
  }
  auto target = Find(task, args.Int(1));
  return target == nullptr ? SyscallResult(Errno::kESRCH)
                           : uint64_t{target->ioprio};
}

SyscallResult SysIoprioSet(Task& task, const SyscallArgs& args) {
  const unsigned io_class = args.Uint(2) >> 13;
  if (args.Int(0) < 1 || args.Int(0) > 3 || io_class > 3) {
    return Errno::kEINVAL;
  }
  auto target = Find(task, args.Int(1));
  if (target == nullptr) {
    return Errno::kESRCH;
  }
  target->ioprio = uint16_t(args.Uint(2));
  return 0;
}

}  // namespace faultline::os
