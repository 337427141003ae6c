#include "plugin/inject/time_limit.h"

namespace faultline::inject {

TimeLimit::TimeLimit(mm::Scheduler& scheduler, mm::VirtualTime at)
    : scheduler_(scheduler) {
  Arm(at);
}

TimeLimit::~TimeLimit() { scheduler_.CancelTimer(timer_); }

void TimeLimit::set(mm::VirtualTime at) {
  scheduler_.CancelTimer(timer_);
  Arm(at);
}

void TimeLimit::Arm(mm::VirtualTime at) {
  timer_ = scheduler_.AddTimer(at, [this] {
    reached_ = true;
    scheduler_.Stop();
    // Who is in user mode comes to a point when its slice is over, and has one
    // only as long as somebody counts.
    constexpr uint64_t kAgainNs = 1000;
    Arm(scheduler_.now() + kAgainNs);
  });
}

}  // namespace faultline::inject
