#include "plugin/linux/time/timers.h"

#include "gtest/gtest.h"

namespace faultline::os {
namespace {

TEST(IntervalsToPassTest, NoneIfItIsStillToCome) {
  EXPECT_EQ(IntervalsToPass(101, 10, 100), 0u);
}

TEST(IntervalsToPassTest, TheNextExpirationIsAfterNowAndInPhase) {
  constexpr uint64_t kMs = 1'000'000;
  EXPECT_EQ(IntervalsToPass(kMs, kMs, kMs), 1u);
  EXPECT_EQ(IntervalsToPass(kMs, kMs, 2 * kMs - 1), 1u);
  EXPECT_EQ(IntervalsToPass(kMs, kMs, 2 * kMs), 2u);
  EXPECT_EQ(IntervalsToPass(kMs, kMs, 100 * kMs), 100u);
}

TEST(IntervalsToPassTest, ATinyIntervalLeavesTimeForOthers) {
  const uint64_t passed = IntervalsToPass(500, 1, 1'000'000);
  EXPECT_GE(500 + passed, 1'000'000 + kMinTimerPeriodNs);
}

}  // namespace
}  // namespace faultline::os
