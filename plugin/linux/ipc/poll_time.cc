#include "plugin/linux/ipc/poll_time.h"

#include "plugin/linux/kernel.h"
#include "plugin/linux/task/task.h"
#include "plugin/linux/time/clock.h"

namespace faultline::os {
namespace {

constexpr uint32_t kStickyTimeouts = 0x4000000;  // personality(2)

}  // namespace

mm::VirtualTime DeadlineInMs(Task& task, int ms) {
  return ms < 0 ? mm::VirtualTime::Never()
                : task.kernel().now() + uint64_t(ms) * 1'000'000;
}

ErrnoOr<PollTime> PollTime::FromTimespec(Task& task, uint64_t address) {
  PollTime time(task, address, As::kTimespec);
  if (address != 0) {
    FL_ASSIGN(const Timespec t, task.user().Get<Timespec>(address));
    FL_ASSIGN(const uint64_t ns, ToNs(t));
    time.deadline_ = task.kernel().now() + ns;
  }
  return time;
}

ErrnoOr<PollTime> PollTime::FromTimeval(Task& task, uint64_t address) {
  PollTime time(task, address, As::kTimeval);
  if (address != 0) {
    FL_ASSIGN(const Timeval t, task.user().Get<Timeval>(address));
    if (t.sec < 0 || t.usec < 0) {
      return Errno::kEINVAL;
    }
    // Separately, so that neither overflows: the sum saturates.
    FL_ASSIGN(const uint64_t sec_ns, ToNs(Timespec{t.sec, 0}));
    FL_ASSIGN(const uint64_t usec_ns,
              ToNs(Timespec{t.usec / 1'000'000, t.usec % 1'000'000 * 1000}));
    time.deadline_ = task.kernel().now() + sec_ns + usec_ns;
  }
  return time;
}

void PollTime::WriteBack() {
  if (address_ == 0 || (task_.personality & kStickyTimeouts) != 0) {
    return;
  }
  const mm::VirtualTime now = task_.kernel().now();
  const uint64_t left = deadline_ > now ? deadline_ - now : 0;
  if (as_ == As::kTimespec) {
    (void)task_.user().Put(address_, Timespec::FromNs(left)).ok();
  } else {
    const Timeval t{int64_t(left / kNsPerSec),
                    int64_t(left % kNsPerSec / 1000)};
    (void)task_.user().Put(address_, t).ok();
  }
}

}  // namespace faultline::os
