#include "plugin/linux/time/posix_timers.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "plugin/linux/fs/vfs.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/signal/send.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"
#include "plugin/linux/time/clock.h"

namespace faultline::os {
namespace {

constexpr int kSigevSignal = 0;
constexpr int kSigevNone = 1;
constexpr int kSigevThreadId = 4;
constexpr int kTimerAbstime = 1;
// A timer and its node, its place in the queue and the scheduler's entry.
constexpr size_t kTimerBytes = 512;

// struct sigevent.
struct Sigevent {
  uint64_t value;
  int32_t signo;
  int32_t notify;
  int32_t tid;
  int32_t pad[11];
};
static_assert(sizeof(Sigevent) == 64);

bool IsCpuClock(int clock) {
  return clock == kClockProcessCpu || clock == kClockThreadCpu;
}

uint64_t CpuNs(const Process& process, const PosixTimer& timer) {
  if (timer.clock == kClockThreadCpu) {
    for (const Task* t : process.threads) {
      if (t->tid() == timer.owner_tid) {
        return t->user_ns + t->system_ns;
      }
    }
  }
  return process.TotalUserNs() + process.TotalSystemNs();
}

PosixTimer* Find(Process& process, int id) {
  auto it = process.timers.by_id.find(id);
  return it == process.timers.by_id.end() ? nullptr : &it->second;
}

// Sends the timer's signal. Whether it is pending now: not so if it is ignored,
// or its thread is gone.
bool Raise(Process& process, int id, PosixTimer& timer) {
  SigInfo info(timer.signo, kSiTimer);
  info.timer.id = id;
  info.timer.value = timer.value;
  if (timer.notify != kSigevThreadId) {
    (void)SendSignal(process, info).ok();
    return process.pending.set().has(timer.signo);
  }
  const auto task = process.kernel().processes().FindTask(timer.tid);
  if (task == nullptr || &task->process() != &process) {
    return false;
  }
  (void)SendSignal(*task, info).ok();
  return task->signals.pending.set().has(timer.signo);
}

void Arm(Process& process, int id, PosixTimer& timer);

// Counts the expirations up to now of a timer with an interval, and sets the
// next. common_hrtimer_rearm().
void Forward(Process& process, PosixTimer& timer) {
  ArmedTimer& armed = timer.armed;
  const bool cpu = IsCpuClock(timer.clock);
  const uint64_t now =
      cpu ? CpuNs(process, timer) : process.kernel().now().ns();
  const uint64_t expires = cpu ? armed.cpu_expires_ns : armed.expires.ns();
  const uint64_t passed = IntervalsToPass(expires, armed.interval_ns, now);
  if (passed == 0) {
    return;
  }
  if (cpu) {
    armed.cpu_expires_ns =
        (mm::VirtualTime(expires) + passed * armed.interval_ns).ns();
  } else {
    armed.expires = armed.expires + passed * armed.interval_ns;
  }
  constexpr uint64_t kMost = std::numeric_limits<int>::max();
  timer.overrun = int(std::min(kMost, uint64_t(timer.overrun) + passed));
}

// The wall clock's time at which to look again.
mm::VirtualTime DueAt(Process& process, const PosixTimer& timer) {
  const mm::VirtualTime now = process.kernel().now();
  if (!IsCpuClock(timer.clock)) {
    return std::max(timer.armed.expires, now);
  }
  const uint64_t cpu = CpuNs(process, timer);
  return now + (timer.armed.cpu_expires_ns > cpu
                    ? timer.armed.cpu_expires_ns - cpu
                    : 0);
}

// Came due on the wall clock. CPU timers may have got less than that.
void Fire(Process& process, int id) {
  PosixTimer* timer = Find(process, id);
  if (timer == nullptr) {
    return;
  }
  ArmedTimer& armed = timer->armed;
  armed.id = 0;
  if (IsCpuClock(timer->clock) &&
      CpuNs(process, *timer) < armed.cpu_expires_ns) {
    Arm(process, id, *timer);
    return;
  }
  timer->running = armed.interval_ns != 0;
  timer->signal_pending = Raise(process, id, *timer);
  if (timer->running && !timer->signal_pending) {
    // Ignored; but the program may change its mind. At a clock tick's pace, so
    // that nobody's work is only to ignore it.
    constexpr uint64_t kTickNs = 4'000'000;
    Forward(process, *timer);
    timer->overrun = 0;
    armed.id = process.kernel().scheduler().AddTimer(
        std::max(DueAt(process, *timer), process.kernel().now() + kTickNs),
        [&process, id] { Fire(process, id); });
  }
}

void Arm(Process& process, int id, PosixTimer& timer) {
  if (timer.notify == kSigevNone) {
    return;  // nothing to do when it expires; who asks is told
  }
  timer.armed.id = process.kernel().scheduler().AddTimer(
      DueAt(process, timer), [&process, id] { Fire(process, id); });
}

void Disarm(Process& process, PosixTimer& timer) {
  timer.running = false;
  if (timer.armed.id != 0) {
    process.kernel().scheduler().CancelTimer(timer.armed.id);
    timer.armed.id = 0;
  }
}

// common_timer_get().
Itimerspec Read(Process& process, PosixTimer& timer) {
  Itimerspec out;
  out.interval = Timespec::FromNs(timer.armed.interval_ns);
  if (!timer.running) {
    return out;
  }
  if (timer.armed.interval_ns != 0 && timer.armed.id == 0) {
    Forward(process, timer);
  }
  const bool cpu = IsCpuClock(timer.clock);
  const uint64_t now =
      cpu ? CpuNs(process, timer) : process.kernel().now().ns();
  const uint64_t expires =
      cpu ? timer.armed.cpu_expires_ns : timer.armed.expires.ns();
  if (expires > now) {
    out.value = Timespec::FromNs(expires - now);
  } else if (timer.notify != kSigevNone) {
    out.value = Timespec::FromNs(1);  // due, not yet delivered: never zero
  }
  return out;
}

ErrnoOr<Done> DecodeEvent(Task& task, uint64_t user, PosixTimer& timer,
                          int id) {
  timer.signo = kSigAlrm;
  timer.value = uint64_t(id);
  if (user == 0) {
    return kDone;
  }
  FL_ASSIGN(const auto event, task.user().Get<Sigevent>(user));
  timer.notify = event.notify;
  timer.signo = event.signo;
  timer.value = event.value;
  timer.tid = event.tid;
  switch (event.notify) {
    case kSigevThreadId: {
      auto target = task.kernel().processes().FindTask(event.tid);
      if (target == nullptr || &target->process() != &task.process()) {
        return Errno::kEINVAL;
      }
      break;
    }
    case kSigevSignal:
    case kSigevNone:
      break;
    default:
      return Errno::kEINVAL;
  }
  if (event.notify != kSigevNone &&
      (event.signo <= 0 || event.signo > kSigMax)) {
    return Errno::kEINVAL;
  }
  return kDone;
}

}  // namespace

SyscallResult SysTimerCreate(Task& task, const SyscallArgs& args) {
  const int clock = args.Int(0);
  if (!IsCpuClock(clock)) {
    FL_TRY(ToVirtualTime(task, clock, 0));
    if (clock == kClockMonotonicRaw || clock == kClockRealtimeCoarse ||
        clock == kClockMonotonicCoarse) {
      return Errno::kEOPNOTSUPP;
    }
  }
  // A timer takes its place in the signal queue when it is made.
  Process& process = task.process();
  if (SigpendingFull(process)) {
    return Errno::kEAGAIN;
  }
  auto charge = task.kernel().vfs().slab()->Take(kTimerBytes);
  if (!charge.ok()) {
    return Errno::kEAGAIN;
  }
  PosixTimers& timers = process.timers;
  PosixTimer timer;
  timer.charge = *std::move(charge);
  timer.clock = clock;
  timer.owner_tid = task.tid();
  // Taken at once: what follows may wait, and another thread make one too.
  const int id = timers.next_id++;
  FL_TRY(DecodeEvent(task, args.Ptr(1), timer, id));
  FL_TRY(task.user().Put(args.Ptr(2), int32_t(id)));
  timers.by_id.emplace(id, std::move(timer));
  return 0;
}

SyscallResult SysTimerSettime(Task& task, const SyscallArgs& args) {
  const int id = args.Int(0);
  if (args.Ptr(2) == 0) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const auto next, task.user().Get<Itimerspec>(args.Ptr(2)));
  FL_ASSIGN(const uint64_t value, ToNs(next.value));
  FL_ASSIGN(const uint64_t interval, ToNs(next.interval));
  Process& process = task.process();
  PosixTimer* timer = Find(process, id);
  if (timer == nullptr) {
    return Errno::kEINVAL;
  }
  const Itimerspec old = Read(process, *timer);
  Disarm(process, *timer);
  timer->overrun = timer->last_overrun = 0;
  timer->signal_pending = false;
  timer->armed.interval_ns = value == 0 ? 0 : interval;
  if (value != 0) {
    const bool absolute = (args.Int(1) & kTimerAbstime) != 0;
    const mm::VirtualTime now = process.kernel().now();
    if (IsCpuClock(timer->clock)) {
      timer->armed.cpu_expires_ns =
          absolute ? value
                   : (mm::VirtualTime(value) + CpuNs(process, *timer)).ns();
    } else if (absolute) {
      FL_ASSIGN(timer->armed.expires, ToVirtualTime(task, timer->clock, value));
    } else {
      timer->armed.expires = now + value;
    }
    timer->running = true;
    Arm(process, id, *timer);
  }
  if (args.Ptr(3) != 0) {
    FL_TRY(task.user().Put(args.Ptr(3), old));
  }
  return 0;
}

SyscallResult SysTimerGettime(Task& task, const SyscallArgs& args) {
  PosixTimer* timer = Find(task.process(), args.Int(0));
  if (timer == nullptr) {
    return Errno::kEINVAL;
  }
  FL_TRY(task.user().Put(args.Ptr(1), Read(task.process(), *timer)));
  return 0;
}

SyscallResult SysTimerGetoverrun(Task& task, const SyscallArgs& args) {
  const PosixTimer* timer = Find(task.process(), args.Int(0));
  if (timer == nullptr) {
    return Errno::kEINVAL;
  }
  return uint64_t(timer->last_overrun);
}

SyscallResult SysTimerDelete(Task& task, const SyscallArgs& args) {
  PosixTimer* timer = Find(task.process(), args.Int(0));
  if (timer == nullptr) {
    return Errno::kEINVAL;
  }
  Disarm(task.process(), *timer);
  task.process().timers.by_id.erase(args.Int(0));
  return 0;
}

void PosixTimerSignalTaken(Task& task, SigInfo& info) {
  Process& process = task.process();
  PosixTimer* timer = Find(process, info.timer.id);
  if (timer == nullptr || !timer->signal_pending) {
    return;  // of a timer that is gone, or was set anew
  }
  timer->signal_pending = false;
  if (timer->running && timer->armed.id == 0) {
    Forward(process, *timer);
    Arm(process, info.timer.id, *timer);
  }
  // One expiration is what this signal stands for.
  timer->last_overrun = std::max(std::exchange(timer->overrun, 0) - 1, 0);
  info.timer.overrun = timer->last_overrun;
}

void DeletePosixTimers(Process& process) {
  for (auto& [id, timer] : process.timers.by_id) {
    Disarm(process, timer);
  }
  process.timers.by_id.clear();
}

}  // namespace faultline::os
