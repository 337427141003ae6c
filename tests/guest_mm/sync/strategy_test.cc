// Covers: guest_mm/sync/replay.cc

#include "guest_mm/sync/strategy.h"

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "guest_mm/sync/scheduler.h"

namespace faultline::mm {
namespace {

using ::testing::ElementsAre;

constexpr PointSite kHere{"test.here"};

// The order in which three actors pass their points, as a word.
std::string RunThree(std::unique_ptr<Strategy> strategy, int steps = 12) {
  std::string order;
  Scheduler s(std::move(strategy));
  for (char name : {'a', 'b', 'c'}) {
    s.Spawn(std::string(1, name), [&s, &order, name, steps] {
      for (int i = 0; i < steps; ++i) {
        order += name;
        s.Point(kHere);
      }
    });
  }
  s.Run();
  return order;
}

// Hands its choices to a Recorder owned by the scheduler, and shows the token.
struct Recorded {
  std::string order;
  std::string token;
};
Recorded Record(std::unique_ptr<Strategy> inner,
                size_t max_bytes = Recorder::kMaxBytes) {
  // The scheduler owns the recorder; this forwards to one that outlives it.
  struct Forward : Strategy {
    explicit Forward(Recorder& r) : recorder(r) {}
    size_t Choose(const Choice& c) override { return recorder.Choose(c); }
    std::string Name() const override { return recorder.Name(); }
    bool wants_every_point() const override {
      return recorder.wants_every_point();
    }
    Recorder& recorder;
  };
  Recorder recorder(std::move(inner), max_bytes);
  Recorded result;
  result.order = RunThree(std::make_unique<Forward>(recorder));
  result.token = recorder.Token().value_or("none");
  return result;
}

std::unique_ptr<Strategy> Parse(const std::string& text) {
  auto strategy = ParseStrategy(text, 5);
  EXPECT_TRUE(strategy.ok()) << strategy.status();
  return *std::move(strategy);
}

TEST(StrategyTest, ATokenThatTakesTooMuchRoomIsNotKept) {
  const Recorded whole = Record(MakeRandom(3));
  ASSERT_GT(whole.token.size(), 20u);
  const Recorded cut = Record(MakeRandom(3), 20);
  EXPECT_EQ(cut.token, "none");
  EXPECT_EQ(cut.order, whole.order);
}

TEST(StrategyTest, TheSameSeedGivesTheSameSwitches) {
  const std::string first = RunThree(MakeRandom(7));
  EXPECT_EQ(first, RunThree(MakeRandom(7)));
  EXPECT_NE(first, RunThree(MakeRandom(8)));
}

TEST(StrategyTest, RandomIsTheSameOnEveryMachine) {
  EXPECT_EQ(RunThree(MakeRandom(42), 4), "caabacacbbbc");
}

TEST(StrategyTest, SeedsReachManySchedules) {
  std::set<std::string> orders;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    orders.insert(RunThree(MakeRandom(seed), 2));
  }
  // 6! / (2! 2! 2!) = 90 orders of aabbcc exist.
  EXPECT_GT(orders.size(), 60u);
}

TEST(ReplayTest, ATokenRepeatsTheRun) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    const Recorded recorded = Record(MakeRandom(seed));
    auto replay = MakeReplay(recorded.token);
    ASSERT_TRUE(replay.ok()) << replay.status();
    EXPECT_EQ(RunThree(*std::move(replay)), recorded.order) << recorded.token;
  }
}

TEST(ReplayTest, RecordingAReplayGivesTheTokenAgain) {
  const std::string token = Record(MakeRandom(3)).token;
  EXPECT_EQ(Record(*MakeReplay(token)).token, token);
}

TEST(ReplayTest, RoundRobinNeedsNoWords) {
  const Recorded recorded = Record(MakeRoundRobin());
  EXPECT_EQ(recorded.order, RunThree(MakeRoundRobin()));
  EXPECT_LT(recorded.token.size(), 12u);
  EXPECT_EQ(RunThree(*MakeReplay(recorded.token)), recorded.order);
}

TEST(ReplayTest, ADepartingRunIsRoundRobinFromThere) {
  const std::string token = Record(MakeRandom(3)).token;
  Scheduler s(*MakeReplay(token));
  std::string order;
  for (char name : {'a', 'b'}) {  // one actor fewer than recorded
    s.Spawn(std::string(1, name), [&, name] {
      for (int i = 0; i < 4; ++i) {
        order += name;
        s.Point(kHere);
      }
    });
  }
  EXPECT_EQ(s.Run(), Scheduler::End::kAllDone);
  EXPECT_EQ(order.size(), 8u);
}

TEST(ReplayTest, ATokenThatIsNotOneIsRefused) {
  const std::string token = Record(MakeRandom(3)).token;
  for (const std::string& bad :
       {std::string(), std::string("fl1"), std::string("fl2.0"),
        token.substr(0, token.size() - 8), "x" + token, token + "0",
        std::string("fl1.1-.0"), std::string("fl1.A-1.0")}) {
    EXPECT_EQ(MakeReplay(bad).status().code(),
              absl::StatusCode::kInvalidArgument)
        << bad;
  }
}

TEST(ParseStrategyTest, TakesWhatNameGives) {
  for (const std::string& name : {std::string("rr"), std::string("random:12"),
                                  "replay:" + Record(MakeRandom(1)).token}) {
    EXPECT_EQ(Parse(name)->Name(), name);
  }
}

TEST(ParseStrategyTest, RandomWithoutASeedTakesTheRunsSeed) {
  EXPECT_EQ(Parse("random")->Name(), "random:5");
}

TEST(ParseStrategyTest, RefusesTheRest) {
  for (const char* bad :
       {"", "RR", "random:", "random:x", "random:-1", "pct", "replay:"}) {
    EXPECT_FALSE(ParseStrategy(bad, 0).ok()) << bad;
  }
}

}  // namespace
}  // namespace faultline::mm
