#include "guest_mm/sync/timer_queue.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace faultline::mm {
namespace {

using ::testing::ElementsAre;

TEST(TimerQueueTest, FiresByTimeAndWithinAnInstantInOrderOfArming) {
  TimerQueue timers;
  std::vector<int> fired;
  timers.Add(VirtualTime(20), [&] { fired.push_back(1); });
  timers.Add(VirtualTime(10), [&] { fired.push_back(2); });
  timers.Add(VirtualTime(20), [&] { fired.push_back(3); });
  timers.Add(VirtualTime(30), [&] { fired.push_back(4); });
  EXPECT_EQ(timers.next(), VirtualTime(10));
  timers.Fire(VirtualTime(20));
  EXPECT_THAT(fired, ElementsAre(2, 1, 3));
  EXPECT_EQ(timers.next(), VirtualTime(30));
}

TEST(TimerQueueTest, ACancelledTimerDoesNotFire) {
  TimerQueue timers;
  const TimerQueue::Id id = timers.Add(VirtualTime(10), [] { FAIL(); });
  EXPECT_TRUE(timers.Cancel(id));
  EXPECT_FALSE(timers.Cancel(id));
  EXPECT_EQ(timers.next(), VirtualTime::Never());
  timers.Fire(VirtualTime(10));
}

TEST(TimerQueueTest, AFiredTimerCannotBeCancelled) {
  TimerQueue timers;
  const TimerQueue::Id id = timers.Add(VirtualTime(1), [] {});
  timers.Fire(VirtualTime(1));
  EXPECT_FALSE(timers.Cancel(id));
}

TEST(TimerQueueTest, OneTimerMayCancelAnotherOfTheSameInstant) {
  TimerQueue timers;
  TimerQueue::Id second = 0;
  timers.Add(VirtualTime(1), [&] { EXPECT_TRUE(timers.Cancel(second)); });
  second = timers.Add(VirtualTime(1), [] { FAIL(); });
  timers.Fire(VirtualTime(1));
}

TEST(TimerQueueTest, ATimerArmedByATimerWaitsForTheNextFire) {
  TimerQueue timers;
  int fired = 0;
  timers.Add(VirtualTime(5),
             [&] { timers.Add(VirtualTime(5), [&] { ++fired; }); });
  timers.Fire(VirtualTime(9));
  EXPECT_EQ(fired, 0);
  EXPECT_EQ(timers.next(), VirtualTime(5));
  timers.Fire(VirtualTime(9));
  EXPECT_EQ(fired, 1);
}

}  // namespace
}  // namespace faultline::mm
