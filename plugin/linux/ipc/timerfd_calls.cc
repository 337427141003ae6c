// timerfd_create(2), timerfd_settime(2), timerfd_gettime(2).

#include "plugin/linux/fs/capability.h"
#include "plugin/linux/fs/fd_table.h"
#include "plugin/linux/ipc/calls.h"
#include "plugin/linux/ipc/timerfd.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/task/task.h"
#include "plugin/linux/time/clock.h"

namespace faultline::os {
namespace {

constexpr int kTimerAbsTime = 1;
constexpr int kTimerCancelOnSet = 2;

// kEINVAL for other clocks; the alarm ones are for the privileged.
ErrnoOr<Done> CheckClock(Task& task, int clock) {
  switch (clock) {
    case kClockRealtime:
    case kClockMonotonic:
    case kClockBoottime:
      return kDone;
    case kClockRealtimeAlarm:
    case kClockBoottimeAlarm:
      return task.cred().HasCap(kCapWakeAlarm) ? ErrnoOr<Done>(kDone)
                                               : Errno::kEPERM;
    default:
      return Errno::kEINVAL;
  }
}

// An alarm clock shows what the clock without the alarm shows.
int PlainClock(int clock) {
  return clock == kClockRealtimeAlarm   ? kClockRealtime
         : clock == kClockBoottimeAlarm ? kClockBoottime
                                        : clock;
}

ErrnoOr<std::shared_ptr<TimerFd>> GetTimerFd(Task& task, int fd) {
  FL_ASSIGN(const std::shared_ptr<File> file, task.files().Get(fd));
  auto timer = std::dynamic_pointer_cast<TimerFd>(file);
  if (timer == nullptr) {
    return Errno::kEINVAL;
  }
  return timer;
}

Itimerspec Encode(const TimerFd::Setting& setting) {
  return {Timespec::FromNs(setting.interval_ns),
          Timespec::FromNs(setting.value_ns)};
}

}  // namespace

SyscallResult SysTimerfdCreate(Task& task, const SyscallArgs& args) {
  const uint32_t flags = args.Uint(1);
  if ((flags & ~(kO_CLOEXEC | kO_NONBLOCK)) != 0) {
    return Errno::kEINVAL;
  }
  FL_TRY(CheckClock(task, args.Int(0)));
  auto file = std::make_shared<TimerFd>(task.kernel().scheduler(), args.Int(0),
                                        kO_RDWR | (flags & kO_NONBLOCK));
  FL_ASSIGN(const int fd, InstallFd(task, std::move(file),
                                    CloseOnExecIf((flags & kO_CLOEXEC) != 0)));
  return uint64_t(fd);
}

SyscallResult SysTimerfdSettime(Task& task, const SyscallArgs& args) {
  const int flags = args.Int(1);
  FL_ASSIGN(const Itimerspec wanted, task.user().Get<Itimerspec>(args.Ptr(2)));
  FL_ASSIGN(const uint64_t value, ToNs(wanted.value));
  FL_ASSIGN(const uint64_t interval, ToNs(wanted.interval));
  if ((flags & ~(kTimerAbsTime | kTimerCancelOnSet)) != 0) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const std::shared_ptr<TimerFd> timer,
            GetTimerFd(task, args.Int(0)));
  mm::VirtualTime at = mm::VirtualTime::Never();
  if (value != 0 && (flags & kTimerAbsTime) != 0) {
    FL_ASSIGN(at, ToVirtualTime(task, PlainClock(timer->clock()), value));
  } else if (value != 0) {
    at = task.kernel().now() + value;
  }
  const TimerFd::Setting old = timer->Get();
  timer->Set(at, interval);
  if (args.Ptr(3) != 0) {
    FL_TRY(task.user().Put(args.Ptr(3), Encode(old)));
  }
  return 0;
}

SyscallResult SysTimerfdGettime(Task& task, const SyscallArgs& args) {
  FL_ASSIGN(const std::shared_ptr<TimerFd> timer,
            GetTimerFd(task, args.Int(0)));
  FL_TRY(task.user().Put(args.Ptr(1), Encode(timer->Get())));
  return 0;
}

}  // namespace faultline::os
