#include "plugin/linux/time/clock.h"

#include "plugin/linux/kernel.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"

namespace faultline::os {
namespace {

constexpr uint64_t kMaxSeconds = ~uint64_t{0} / kNsPerSec;

uint64_t FromParts(int64_t sec, uint64_t ns) {
  return uint64_t(sec) >= kMaxSeconds ? ~uint64_t{0}
                                      : uint64_t(sec) * kNsPerSec + ns;
}

// CPU clocks of a task or process carry its id: bits 3 and up, inverted; bit 2
// says "thread" (CPUCLOCK_PERTHREAD_MASK).
ErrnoOr<uint64_t> ReadCpuClockOf(Task& task, int clock) {
  const int id = ~(clock >> 3);
  if ((clock & 3) == 3) {
    return Errno::kEINVAL;
  }
  if ((clock & 4) != 0) {
    auto other = id == 0 ? nullptr : task.kernel().processes().FindTask(id);
    const Task* t = id == 0 ? &task : other.get();
    if (t == nullptr || &t->process() != &task.process()) {
      return Errno::kEINVAL;
    }
    return t->user_ns + t->system_ns;
  }
  auto process = id == 0 ? task.shared_process()
                         : task.kernel().processes().FindProcess(id);
  if (process == nullptr) {
    return Errno::kEINVAL;
  }
  return process->TotalUserNs() + process->TotalSystemNs();
}

}  // namespace

ErrnoOr<uint64_t> ToNs(const Timespec& t) {
  if (t.sec < 0 || t.nsec < 0 || uint64_t(t.nsec) >= kNsPerSec) {
    return Errno::kEINVAL;
  }
  return FromParts(t.sec, uint64_t(t.nsec));
}

ErrnoOr<uint64_t> ToNs(const Timeval& t) {
  if (t.sec < 0 || t.usec < 0 || t.usec >= 1'000'000) {
    return Errno::kEINVAL;
  }
  return FromParts(t.sec, uint64_t(t.usec) * 1000);
}

ErrnoOr<uint64_t> ReadClock(Task& task, int clock) {
  if (clock < 0) {
    return ReadCpuClockOf(task, clock);
  }
  switch (clock) {
    case kClockRealtime:
    case kClockRealtimeCoarse:
    case kClockRealtimeAlarm:
    case kClockTai:
      return task.kernel().realtime_ns();
    case kClockMonotonic:
    case kClockMonotonicRaw:
    case kClockMonotonicCoarse:
    case kClockBoottime:
    case kClockBoottimeAlarm:
      return task.kernel().now().ns();
    case kClockProcessCpu:
      return task.process().TotalUserNs() + task.process().TotalSystemNs();
    case kClockThreadCpu:
      return task.user_ns + task.system_ns;
    default:
      return Errno::kEINVAL;
  }
}

ErrnoOr<mm::VirtualTime> ToVirtualTime(Task& task, int clock, uint64_t ns) {
  if (clock < 0 || clock == kClockProcessCpu || clock == kClockThreadCpu) {
    return Errno::kEINVAL;
  }
  FL_ASSIGN(const uint64_t shown, ReadClock(task, clock));
  const mm::VirtualTime now = task.kernel().now();
  return ns <= shown
             ? mm::VirtualTime(now.ns() - std::min(now.ns(), shown - ns))
             : now + (ns - shown);
}

}  // namespace faultline::os
