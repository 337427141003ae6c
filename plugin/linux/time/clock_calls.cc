// Reading and setting the clocks.

#include "plugin/linux/kernel.h"
#include "plugin/linux/task/task.h"
#include "plugin/linux/time/calls.h"
#include "plugin/linux/time/clock.h"

namespace faultline::os {
namespace {

constexpr int kCapSysTime = 25;
constexpr uint64_t kCoarseNs = 4'000'000;  // one tick at 250 Hz

struct Timezone {
  int32_t minutes_west;
  int32_t dst;
};

SyscallResult SetRealtime(Task& task, uint64_t ns) {
  if (!task.cred().HasCap(kCapSysTime)) {
    return Errno::kEPERM;
  }
  Kernel& kernel = task.kernel();
  kernel.realtime_offset_ns += int64_t(ns - kernel.realtime_ns());
  return 0;
}

}  // namespace

SyscallResult SysClockGettime(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(const uint64_t ns, ReadClock(task, args.Int(0)));
  FL_TRY(task.user().Put(args.Ptr(1), Timespec::FromNs(ns)));
  return 0;
}

SyscallResult SysClockGetres(Task& task, const SyscallArgs& args) {
  const int clock = args.Int(0);
  FL_TRY(ReadClock(task, clock));
  const bool coarse =
      clock == kClockRealtimeCoarse || clock == kClockMonotonicCoarse;
  if (args.Ptr(1) != 0) {
    FL_TRY(
        task.user().Put(args.Ptr(1), Timespec::FromNs(coarse ? kCoarseNs : 1)));
  }
  return 0;
}

SyscallResult SysClockSettime(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(const auto t, task.user().Get<Timespec>(args.Ptr(1)));
  FL_TRY(ReadClock(task, args.Int(0)));
  FL_ASSIGN(const uint64_t ns, ToNs(t));
  if (args.Int(0) != kClockRealtime) {
    return Errno::kEINVAL;
  }
  return SetRealtime(task, ns);
}

SyscallResult SysGettimeofday(Task& task, const SyscallArgs& args) {
  if (args.Ptr(0) != 0) {
    const uint64_t ns = task.kernel().realtime_ns();
    const Timeval now{int64_t(ns / kNsPerSec), int64_t(ns % kNsPerSec / 1000)};
    FL_TRY(task.user().Put(args.Ptr(0), now));
  }
  if (args.Ptr(1) != 0) {
    FL_TRY(task.user().Put(args.Ptr(1), Timezone{0, 0}));
  }
  return 0;
}

SyscallResult SysSettimeofday(Task& task, const SyscallArgs& args) {
  if (args.Ptr(0) == 0) {
    return 0;
  }
  FL_ASSIGN(const auto t, task.user().Get<Timeval>(args.Ptr(0)));
  FL_ASSIGN(const uint64_t ns, ToNs(t));
  return SetRealtime(task, ns);
}

SyscallResult SysTime(Task& task, const SyscallArgs& args) {
  const int64_t now = int64_t(task.kernel().realtime_ns() / kNsPerSec);
  if (args.Ptr(0) != 0) {
    FL_TRY(task.user().Put(args.Ptr(0), now));
  }
  return uint64_t(now);
}

}  // namespace faultline::os
