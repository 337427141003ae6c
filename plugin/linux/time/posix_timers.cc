#include "plugin/linux/time/posix_timers.h"

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

void Raise(Process& process, int id, PosixTimer& timer) {
  if (timer.notify == kSigevNone) {
    return;
  }
  if (timer.signal_pending) {
    ++timer.overrun;
    return;
  }
  SigInfo info(timer.signo, kSiTimer);
  info.timer.id = id;
  info.timer.value = timer.value;
  timer.signal_pending = true;
  ErrnoOr<Done> sent = kDone;
  if (timer.notify == kSigevThreadId) {
    auto task = process.kernel().processes().FindTask(timer.tid);
    if (task != nullptr && &task->process() == &process) {
      sent = SendSignal(*task, info);
    }
  } else {
    sent = SendSignal(process, info);
  }
  timer.signal_pending = sent.ok();
}

void Arm(Process& process, int id, mm::VirtualTime at);

void Fire(Process& process, int id) {
  PosixTimer* timer = Find(process, id);
  if (timer == nullptr) {
    return;
  }
  timer->armed.id = 0;
  const mm::VirtualTime now = process.kernel().now();
  if (IsCpuClock(timer->clock)) {
    const uint64_t cpu = CpuNs(process, *timer);
    if (cpu < timer->armed.cpu_expires_ns) {
      Arm(process, id, now + (timer->armed.cpu_expires_ns - cpu));
      return;
    }
    timer->armed.cpu_expires_ns += timer->armed.interval_ns;
  }
  Raise(process, id, *timer);
  if (timer->armed.interval_ns != 0) {
    Arm(process, id, timer->armed.expires + timer->armed.interval_ns);
  }
}

void Arm(Process& process, int id, mm::VirtualTime at) {
  PosixTimer* timer = Find(process, id);
  timer->armed.expires = at;
  timer->armed.id = process.kernel().scheduler().AddTimer(
      at, [&process, id] { Fire(process, id); });
}

void Disarm(Process& process, PosixTimer& timer) {
  if (timer.armed.id != 0) {
    process.kernel().scheduler().CancelTimer(timer.armed.id);
    timer.armed.id = 0;
  }
}

Itimerspec Read(Process& process, const PosixTimer& timer) {
  Itimerspec out;
  out.interval = Timespec::FromNs(timer.armed.interval_ns);
  if (timer.armed.id != 0) {
    uint64_t left = 1;  // due, not yet delivered: never zero while armed
    if (IsCpuClock(timer.clock)) {
      const uint64_t cpu = CpuNs(process, timer);
      if (timer.armed.cpu_expires_ns > cpu) {
        left = timer.armed.cpu_expires_ns - cpu;
      }
    } else if (timer.armed.expires > process.kernel().now()) {
      left = timer.armed.expires - process.kernel().now();
    }
    out.value = Timespec::FromNs(left);
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
  PosixTimers& timers = task.process().timers;
  PosixTimer timer;
  timer.clock = clock;
  timer.owner_tid = task.tid();
  const int id = timers.next_id;
  FL_TRY(DecodeEvent(task, args.Ptr(1), timer, id));
  FL_TRY(task.user().Put(args.Ptr(2), int32_t(id)));
  ++timers.next_id;
  timers.by_id[id] = timer;
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
      const uint64_t cpu = CpuNs(process, *timer);
      timer->armed.cpu_expires_ns = absolute ? value : cpu + value;
      const uint64_t left = timer->armed.cpu_expires_ns > cpu
                                ? timer->armed.cpu_expires_ns - cpu
                                : 0;
      Arm(process, id, now + left);
    } else if (absolute) {
      FL_ASSIGN(const mm::VirtualTime at,
                ToVirtualTime(task, timer->clock, value));
      Arm(process, id, at > now ? at : now);
    } else {
      Arm(process, id, now + value);
    }
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
  PosixTimer* timer = Find(task.process(), info.timer.id);
  if (timer == nullptr) {
    return;
  }
  timer->signal_pending = false;
  timer->last_overrun = timer->overrun;
  timer->overrun = 0;
  info.timer.overrun = timer->last_overrun;
}

void DeletePosixTimers(Process& process) {
  for (auto& [id, timer] : process.timers.by_id) {
    Disarm(process, timer);
  }
  process.timers.by_id.clear();
}

}  // namespace faultline::os
