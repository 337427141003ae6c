// nanosleep(2), clock_nanosleep(2). Linux: kernel/time/hrtimer.c.

#include "plugin/linux/kernel.h"
#include "plugin/linux/task/task.h"
#include "plugin/linux/time/calls.h"
#include "plugin/linux/time/clock.h"

namespace faultline::os {
namespace {

constexpr int kTimerAbstime = 1;

// Sleeps until `until`. Interrupted: what is left goes to `remaining` (if not
// null), and restart_syscall goes on with the same end.
SyscallResult SleepUntil(Task& task, mm::VirtualTime until,
                         uint64_t remaining) {
  ++task.voluntary_switches;
  const mm::WaitResult r =
      task.kernel().scheduler().Sleep(until, mm::Interruptible::kYes);
  if (r != mm::WaitResult::kInterrupted) {
    return 0;
  }
  const mm::VirtualTime now = task.kernel().now();
  if (until <= now) {
    return 0;
  }
  if (remaining != 0) {
    FL_TRY(task.user().Put(remaining, Timespec::FromNs(until - now)));
  }
  return task.SetRestart(
      [until, remaining](Task& t) { return SleepUntil(t, until, remaining); });
}

}  // namespace

SyscallResult SysNanosleep(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(const auto t, task.user().Get<Timespec>(args.Ptr(0)));
  FL_ASSIGN(const uint64_t ns, ToNs(t));
  return SleepUntil(task, task.kernel().now() + ns, args.Ptr(1));
}

SyscallResult SysClockNanosleep(Task& task, const SyscallArgs& args) {
  const int clock = args.Int(0);
  const bool absolute = (args.Int(1) & kTimerAbstime) != 0;
  if (clock == kClockThreadCpu) {
    return Errno::kEINVAL;
  }
  FL_TRY(ReadClock(task, clock));
  if (clock == kClockMonotonicRaw || clock == kClockRealtimeCoarse ||
      clock == kClockMonotonicCoarse) {
    return Errno::kEOPNOTSUPP;
  }
  FL_ASSIGN(const auto t, task.user().Get<Timespec>(args.Ptr(2)));
  FL_ASSIGN(const uint64_t ns, ToNs(t));
  if (!absolute) {
    return SleepUntil(task, task.kernel().now() + ns, args.Ptr(3));
  }
  FL_ASSIGN(const mm::VirtualTime until, ToVirtualTime(task, clock, ns));
  const mm::WaitResult r =
      task.kernel().scheduler().Sleep(until, mm::Interruptible::kYes);
  return r == mm::WaitResult::kInterrupted && until > task.kernel().now()
             ? SyscallResult(Errno::kERESTARTNOHAND)
             : 0;
}

}  // namespace faultline::os
