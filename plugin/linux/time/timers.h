#ifndef FAULTLINE_PLUGIN_LINUX_TIME_TIMERS_H_
#define FAULTLINE_PLUGIN_LINUX_TIME_TIMERS_H_

// The timers that send signals: setitimer's three per process, and POSIX
// timers by id. Linux: kernel/time/itimer.c, posix-timers.c.

#include <array>
#include <cstdint>
#include <map>

#include "guest_mm/phys/slab.h"
#include "guest_mm/sync/scheduler.h"
#include "guest_mm/sync/virtual_time.h"

namespace faultline::os {

// One armed or idle timer. Times are virtual; CPU-time timers are armed on the
// wall clock and re-armed for what is left when they fire early.
struct ArmedTimer {
  mm::Scheduler::TimerId id = 0;  // 0: not armed
  mm::VirtualTime expires;
  uint64_t interval_ns = 0;
  uint64_t cpu_expires_ns = 0;  // CPU-time timers: the account to reach
};

// The least time ahead that a periodic timer is armed again: a guest asks for 1
// ns, and would get nothing else done. Expirations passed over are overruns.
inline constexpr uint64_t kMinTimerPeriodNs = 1000;

// How many intervals (not 0) to add to `expires` so that it is after `now`; 0
// if it is already. With a tiny interval it is kMinTimerPeriodNs after.
// hrtimer_forward().
uint64_t IntervalsToPass(uint64_t expires, uint64_t interval, uint64_t now);

struct IntervalTimers {
  std::array<ArmedTimer, 3> timer;  // ITIMER_REAL, VIRTUAL, PROF
};

struct PosixTimer {
  int clock = 0;
  int owner_tid = 0;  // whose account CLOCK_THREAD_CPUTIME_ID means
  int notify = 0;     // SIGEV_*
  int signo = 0;
  int tid = 0;  // SIGEV_THREAD_ID
  uint64_t value = 0;
  int overrun = 0;              // of the signal being waited for
  int last_overrun = 0;         // timer_getoverrun's answer
  bool signal_pending = false;  // not rearmed before it has been taken
  // timer_settime() has started it and it has not run out. Armed or not:
  // SIGEV_NONE is never, others are not while their signal is pending.
  bool running = false;
  ArmedTimer armed;
  mm::Slab::Charge charge;
};

struct PosixTimers {
  std::map<int, PosixTimer> by_id;
  int next_id = 0;
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_TIME_TIMERS_H_
