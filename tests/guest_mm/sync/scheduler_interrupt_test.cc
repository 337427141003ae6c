// Waits that a signal ends.
// Covers: guest_mm/sync/scheduler.cc

#include "guest_mm/sync/scheduler.h"

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace faultline::mm {
namespace {

using ::testing::ElementsAre;

// What the actors did, in order.
using Log = std::vector<std::string>;

TEST(SchedulerInterruptTest, AnInterruptionBeforeTheWaitAnswersAtOnce) {
  WaitQueue queue("test.queue");
  Scheduler s(MakeRoundRobin());
  Actor& actor = s.Spawn("a", [&] {
    EXPECT_EQ(s.Wait(queue, Interruptible::kYes), WaitResult::kInterrupted);
    Scheduler::Current()->ClearInterruption();
    EXPECT_EQ(s.Wait(queue, Interruptible::kYes, VirtualTime(5)),
              WaitResult::kTimedOut);
  });
  s.Interrupt(actor, Interruption::kSignal);
  EXPECT_EQ(s.Run(), Scheduler::End::kAllDone);
}

struct InterruptCase {
  Interruptible mode;
  Interruption what;
  WaitResult result;
};

class InterruptTest : public ::testing::TestWithParam<InterruptCase> {};

TEST_P(InterruptTest, EndsOnlyAWaitThatLetsItIn) {
  WaitQueue queue("test.queue");
  Scheduler s(MakeRoundRobin());
  WaitResult result{};
  Actor& sleeper = s.Spawn("sleeper", [&] {
    result = s.Wait(queue, GetParam().mode, VirtualTime(1000));
  });
  s.Spawn("killer", [&] { s.Interrupt(sleeper, GetParam().what); });
  EXPECT_EQ(s.Run(), Scheduler::End::kAllDone);
  EXPECT_EQ(result, GetParam().result);
}

INSTANTIATE_TEST_SUITE_P(
    All, InterruptTest,
    ::testing::Values(InterruptCase{Interruptible::kNo, Interruption::kFatal,
                                    WaitResult::kTimedOut},
                      InterruptCase{Interruptible::kKillable,
                                    Interruption::kSignal,
                                    WaitResult::kTimedOut},
                      InterruptCase{Interruptible::kKillable,
                                    Interruption::kFatal,
                                    WaitResult::kInterrupted},
                      InterruptCase{Interruptible::kYes, Interruption::kSignal,
                                    WaitResult::kInterrupted},
                      InterruptCase{Interruptible::kYes, Interruption::kFatal,
                                    WaitResult::kInterrupted}));

TEST(SchedulerInterruptTest, AWakeUpIsNotSpentOnAnInterruptedWaiter) {
  Log log;
  WaitQueue queue("test.queue");
  Scheduler s(MakeRoundRobin());
  Actor& first = s.Spawn("first", [&] {
    EXPECT_EQ(s.Wait(queue, Interruptible::kYes), WaitResult::kInterrupted);
    log.push_back("first");
  });
  s.Spawn("second", [&] {
    EXPECT_EQ(s.Wait(queue, Interruptible::kYes), WaitResult::kWoken);
    log.push_back("second");
  });
  s.Spawn("third", [&] {
    s.Interrupt(first, Interruption::kSignal);
    EXPECT_TRUE(queue.WakeOne());
  });
  EXPECT_EQ(s.Run(), Scheduler::End::kAllDone);
  EXPECT_THAT(log, ElementsAre("first", "second"));
}

TEST(SchedulerInterruptTest, AnInterruptionAfterTheWakeUpLeavesItAWakeUp) {
  WaitQueue queue("test.queue");
  Scheduler s(MakeRoundRobin());
  WaitResult result{};
  Actor& sleeper =
      s.Spawn("sleeper", [&] { result = s.Wait(queue, Interruptible::kYes); });
  s.Spawn("other", [&] {
    queue.WakeOne();
    s.Interrupt(sleeper, Interruption::kSignal);
  });
  EXPECT_EQ(s.Run(), Scheduler::End::kAllDone);
  EXPECT_EQ(result, WaitResult::kWoken);
}

}  // namespace
}  // namespace faultline::mm
