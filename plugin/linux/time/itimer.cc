#include "plugin/linux/time/itimer.h"

#include "plugin/linux/kernel.h"
#include "plugin/linux/signal/send.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"
#include "plugin/linux/time/clock.h"

namespace faultline::os {
namespace {

constexpr int kReal = 0;
constexpr int kSignalOf[] = {kSigAlrm, kSigVtalrm, kSigProf};

struct Itimerval {
  Timeval interval;
  Timeval value;
};

Timeval ToTimeval(uint64_t ns) {
  // Rounded up: an armed timer never reads as zero.
  const uint64_t us = (ns + 999) / 1000;
  return {int64_t(us / 1'000'000), int64_t(us % 1'000'000)};
}

// The account that ITIMER_VIRTUAL and ITIMER_PROF run on.
uint64_t CpuNs(const Process& process, int which) {
  return process.TotalUserNs() + (which == 2 ? process.TotalSystemNs() : 0);
}

void Arm(Process& process, int which, mm::VirtualTime at);

// A timer came due on the wall clock. CPU timers may have got less CPU than
// that: then they wait for the rest.
void Fire(Process& process, int which) {
  ArmedTimer& timer = process.itimers.timer[size_t(which)];
  const mm::VirtualTime now = process.kernel().now();
  timer.id = 0;
  if (which != kReal) {
    const uint64_t cpu = CpuNs(process, which);
    if (cpu < timer.cpu_expires_ns) {
      Arm(process, which, now + (timer.cpu_expires_ns - cpu));
      return;
    }
  }
  (void)SendSignal(process, SigInfo(kSignalOf[which], kSiKernel)).ok();
  if (timer.interval_ns == 0) {
    return;
  }
  mm::VirtualTime next = timer.expires;
  if (which != kReal) {
    const uint64_t cpu = CpuNs(process, which);
    timer.cpu_expires_ns =
        (mm::VirtualTime(timer.cpu_expires_ns) +
         timer.interval_ns *
             IntervalsToPass(timer.cpu_expires_ns, timer.interval_ns, cpu))
            .ns();
    next = now + (timer.cpu_expires_ns - cpu);
  } else {
    next =
        next + timer.interval_ns * IntervalsToPass(timer.expires.ns(),
                                                   timer.interval_ns, now.ns());
  }
  Arm(process, which, next);
}

void Arm(Process& process, int which, mm::VirtualTime at) {
  ArmedTimer& timer = process.itimers.timer[size_t(which)];
  timer.expires = at;
  timer.id = process.kernel().scheduler().AddTimer(
      at, [&process, which] { Fire(process, which); });
}

void Disarm(Process& process, int which) {
  ArmedTimer& timer = process.itimers.timer[size_t(which)];
  if (timer.id != 0) {
    process.kernel().scheduler().CancelTimer(timer.id);
    timer.id = 0;
  }
}

uint64_t Remaining(Process& process, int which) {
  const ArmedTimer& timer = process.itimers.timer[size_t(which)];
  if (timer.id == 0) {
    return 0;
  }
  if (which != kReal) {
    const uint64_t cpu = CpuNs(process, which);
    return cpu < timer.cpu_expires_ns ? timer.cpu_expires_ns - cpu : 1;
  }
  const mm::VirtualTime now = process.kernel().now();
  return timer.expires > now ? timer.expires - now : 1;
}

void Set(Process& process, int which, uint64_t value_ns, uint64_t interval_ns) {
  Disarm(process, which);
  ArmedTimer& timer = process.itimers.timer[size_t(which)];
  timer.interval_ns = interval_ns;
  if (value_ns != 0) {
    timer.cpu_expires_ns =
        (mm::VirtualTime(value_ns) + CpuNs(process, which)).ns();
    Arm(process, which, process.kernel().now() + value_ns);
  }
}

Itimerval Get(Process& process, int which) {
  return {ToTimeval(process.itimers.timer[size_t(which)].interval_ns),
          ToTimeval(Remaining(process, which))};
}

}  // namespace

SyscallResult SysSetitimer(Task& task, const SyscallArgs& args) {
  const int which = args.Int(0);
  if (which < 0 || which > 2) {
    return Errno::kEINVAL;
  }
  Itimerval next{};
  if (args.Ptr(1) != 0) {
    FL_ASSIGN(next, task.user().Get<Itimerval>(args.Ptr(1)));
  }
  FL_ASSIGN(const uint64_t value, ToNs(next.value));
  FL_ASSIGN(const uint64_t interval, ToNs(next.interval));
  const Itimerval old = Get(task.process(), which);
  Set(task.process(), which, value, interval);
  if (args.Ptr(2) != 0) {
    FL_TRY(task.user().Put(args.Ptr(2), old));
  }
  return 0;
}

SyscallResult SysGetitimer(Task& task, const SyscallArgs& args) {
  const int which = args.Int(0);
  if (which < 0 || which > 2) {
    return Errno::kEINVAL;
  }
  FL_TRY(task.user().Put(args.Ptr(1), Get(task.process(), which)));
  return 0;
}

SyscallResult SysAlarm(Task& task, const SyscallArgs& args) {
  const Itimerval old = Get(task.process(), kReal);
  Set(task.process(), kReal, uint64_t{args.Uint(0)} * kNsPerSec, 0);
  // alarm(2) answers whole seconds, and never 0 for a timer that was armed.
  const bool round_up =
      old.value.usec >= 500'000 || (old.value.sec == 0 && old.value.usec != 0);
  return uint64_t(old.value.sec) + (round_up ? 1 : 0);
}

void CancelIntervalTimers(Process& process) {
  for (int which = 0; which < 3; ++which) {
    Disarm(process, which);
  }
}

}  // namespace faultline::os
