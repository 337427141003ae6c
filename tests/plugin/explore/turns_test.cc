#include "plugin/explore/turns.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "guest_mm/sync/scheduler.h"

namespace faultline::explore {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr mm::PointSite kStep{"test.step"};

// Two actors with three steps each: the order of their steps.
std::string RunUnder(std::unique_ptr<mm::Strategy> strategy, TurnLog* log) {
  std::string steps;
  auto logging = std::make_unique<LoggingStrategy>(*strategy);
  LoggingStrategy& logged = *logging;
  mm::Scheduler scheduler(std::move(logging));
  for (const char c : {'a', 'b'}) {
    scheduler.Spawn("actor", [&steps, c] {
      for (int i = 0; i < 3; ++i) {
        steps += c;
        mm::Scheduler::PointIfActive(kStep);
      }
    });
  }
  scheduler.Run();
  *log = logged.log();
  return steps;
}

TEST(Turns, RoundRobinTakesNone) {
  TurnLog log;
  EXPECT_EQ(RunUnder(mm::MakeRoundRobin(), &log), "aaabbb");
  EXPECT_THAT(log.turns(), IsEmpty());
  EXPECT_EQ(log.choices(), 4u);  // who begins, and after each of a's steps
}

TEST(Turns, AreTheSameRunAgain) {
  for (uint64_t seed = 1; seed < 40; ++seed) {
    TurnLog log, again;
    const std::string steps = RunUnder(mm::MakeRandom(seed), &log);
    EXPECT_EQ(RunUnder(MakeTurns(log.turns()), &again), steps);
    EXPECT_EQ(again.turns(), log.turns());
  }
}

TEST(Turns, APreemptionIsOneOfTheOneThatRan) {
  TurnLog log;
  const Turn turn{.from = 0, .to = 1, .nth = 1, .preempts = true};
  EXPECT_EQ(RunUnder(MakeTurns({turn}), &log), "aabbba");
  EXPECT_THAT(log.turns(), ElementsAre(turn));
  EXPECT_EQ(Preemptions(log.turns()), 1u);
}

TEST(Turns, WhatOthersDidBeforeDoesNotMoveATurn) {
  // b is preempted after its second step, whether a had begun or not.
  const Turn b_first{.from = ~0u, .to = 1, .nth = 0};
  const Turn b_stops{.from = 1, .to = 0, .nth = 1, .preempts = true};
  const Turn a_stops{.from = 0, .to = 1, .nth = 0, .preempts = true};
  TurnLog log;
  EXPECT_EQ(RunUnder(MakeTurns({b_first, b_stops}), &log), "bbaaab");
  EXPECT_EQ(RunUnder(MakeTurns({a_stops, b_stops}), &log), "abbaab");
}

// Whoever is first goes on as long as he can.
class Unfair : public mm::Strategy {
 public:
  size_t Choose(const mm::Choice&) override { return 0; }
  std::string Name() const override { return "unfair"; }
};

TEST(Turns, ToKeepOneWhoGivesWayCosts) {
  // Else who gives way until others are done could go round for ever, for
  // nothing.
  Unfair unfair;
  auto logging = std::make_unique<LoggingStrategy>(unfair);
  const LoggingStrategy& logged = *logging;
  mm::Scheduler scheduler(std::move(logging));
  scheduler.Spawn("patient", [&scheduler] {
    for (int i = 0; i < 3; ++i) {
      scheduler.Yield(kStep);
    }
  });
  scheduler.Spawn("other", [] {});
  scheduler.Run();
  EXPECT_EQ(logged.log().turns().size(), 3u);
  EXPECT_EQ(Preemptions(logged.log().turns()), 3u);
}

TEST(Turns, ToSomebodyWhoCannotRunAreNone) {
  TurnLog log;
  EXPECT_EQ(RunUnder(MakeTurns({{.from = 0, .to = 7, .nth = 0}}), &log),
            "aaabbb");
  EXPECT_THAT(log.turns(), IsEmpty());
}

}  // namespace
}  // namespace faultline::explore
