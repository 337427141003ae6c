#ifndef FAULTLINE_PLUGIN_LINUX_TIME_CLOCK_H_
#define FAULTLINE_PLUGIN_LINUX_TIME_CLOCK_H_

// The guest's clocks, all made of the scheduler's virtual time. Real time
// starts at a fixed epoch, so that a run's dates repeat.
// Linux: kernel/time/posix-timers.c, timekeeping.c.

#include <cstdint>

#include "guest_mm/base/errno.h"
#include "guest_mm/sync/virtual_time.h"

namespace faultline::os {

class Task;

enum ClockId : int {
  kClockRealtime = 0,
  kClockMonotonic = 1,
  kClockProcessCpu = 2,
  kClockThreadCpu = 3,
  kClockMonotonicRaw = 4,
  kClockRealtimeCoarse = 5,
  kClockMonotonicCoarse = 6,
  kClockBoottime = 7,
  kClockRealtimeAlarm = 8,
  kClockBoottimeAlarm = 9,
  kClockTai = 11,
};

inline constexpr uint64_t kNsPerSec = 1'000'000'000;

// 2025-01-01 00:00:00 UTC: what the guest's calendar says at virtual time 0.
inline constexpr uint64_t kRealtimeEpochSec = 1'735'689'600;

struct Timespec {
  int64_t sec = 0;
  int64_t nsec = 0;
  static Timespec FromNs(uint64_t ns) {
    return {int64_t(ns / kNsPerSec), int64_t(ns % kNsPerSec)};
  }
};
struct Timeval {
  int64_t sec = 0;
  int64_t usec = 0;
};
struct Itimerspec {
  Timespec interval;
  Timespec value;
};

// In nanoseconds, saturated. kEINVAL if negative or nsec is out of range.
ErrnoOr<uint64_t> ToNs(const Timespec& t);
ErrnoOr<uint64_t> ToNs(const Timeval& t);

// Now, in nanoseconds on that clock. kEINVAL for one that does not exist; CPU
// clocks of other processes (negative ids) included.
ErrnoOr<uint64_t> ReadClock(Task& task, int clock);
// The virtual time at which `clock` (a wall clock, not a CPU clock) will show
// `ns`; the past if it already has. kEINVAL.
ErrnoOr<mm::VirtualTime> ToVirtualTime(Task& task, int clock, uint64_t ns);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_TIME_CLOCK_H_
