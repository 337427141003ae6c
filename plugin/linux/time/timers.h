#ifndef FAULTLINE_PLUGIN_LINUX_TIME_TIMERS_H_
#define FAULTLINE_PLUGIN_LINUX_TIME_TIMERS_H_

// The timers that send signals: setitimer's three per process, and POSIX
// timers by id. Linux: kernel/time/itimer.c, posix-timers.c.

#include <array>
#include <cstdint>
#include <map>

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
  int overrun = 0;       // of the signal being waited for
  int last_overrun = 0;  // timer_getoverrun's answer
  bool signal_pending = false;
  ArmedTimer armed;
};

struct PosixTimers {
  std::map<int, PosixTimer> by_id;
  int next_id = 0;
};

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_TIME_TIMERS_H_
