#ifndef FAULTLINE_PLUGIN_INJECT_TIME_LIMIT_H_
#define FAULTLINE_PLUGIN_INJECT_TIME_LIMIT_H_

// TimeLimit: stops a scheduler when so much virtual time has passed. While it
// is armed user code is run in counted slices, so it changes when things
// happen, but the same for every limit.

#include <cstdint>

#include "guest_mm/sync/scheduler.h"

namespace faultline::inject {

class TimeLimit {
 public:
  // Armed at once; `scheduler` outlives it.
  TimeLimit(mm::Scheduler& scheduler, mm::VirtualTime at);
  ~TimeLimit();
  TimeLimit(const TimeLimit&) = delete;
  TimeLimit& operator=(const TimeLimit&) = delete;

  // Another one.
  void set(mm::VirtualTime at);
  bool reached() const { return reached_; }

 private:
  void Arm(mm::VirtualTime at);

  mm::Scheduler& scheduler_;
  mm::Scheduler::TimerId timer_ = 0;
  bool reached_ = false;
};

}  // namespace faultline::inject

#endif  // FAULTLINE_PLUGIN_INJECT_TIME_LIMIT_H_
