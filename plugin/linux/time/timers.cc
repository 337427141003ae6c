#include "plugin/linux/time/timers.h"

#include "guest_mm/base/check.h"

namespace faultline::os {

uint64_t IntervalsToPass(uint64_t expires, uint64_t interval, uint64_t now) {
  FL_CHECK(interval != 0);
  uint64_t after = now;
  if (interval < kMinTimerPeriodNs) {
    after = now + kMinTimerPeriodNs;
  }
  return expires > now ? 0 : (after - expires) / interval + 1;
}

}  // namespace faultline::os
