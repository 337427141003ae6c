#include "plugin/script/exploration.h"

#include <memory>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "guest_mm/sync/scheduler.h"

namespace faultline::script {
namespace {

constexpr mm::PointSite kStep{"test.step"};

class Borrowed : public mm::Strategy {
 public:
  explicit Borrowed(mm::Strategy& lender) : lender_(lender) {}
  size_t Choose(const mm::Choice& choice) override {
    return lender_.Choose(choice);
  }
  std::string Name() const override { return "borrowed"; }

 private:
  mm::Strategy& lender_;
};

// Two actors with many steps, and in the middle of them a lost update.
RunEnd LostUpdate(const RunRequest& request) {
  int counter = 0;
  auto recorder = std::make_unique<mm::Recorder>(
      std::make_unique<Borrowed>(request.strategy));
  mm::Recorder& recorded = *recorder;
  mm::Scheduler scheduler(std::move(recorder));
  const auto steps = [] {
    for (int i = 0; i < 20; ++i) {
      mm::Scheduler::PointIfActive(kStep);
    }
  };
  for (int i = 0; i < 2; ++i) {
    scheduler.Spawn("actor", [&] {
      steps();
      const int seen = counter;
      mm::Scheduler::PointIfActive(kStep);
      counter = seen + 1;
      steps();
    });
  }
  scheduler.Run();
  RunEnd end;
  (counter == 2 ? end.outcome : end.problem) = "counted";
  end.schedule = recorded.Token().value_or("");
  return end;
}

TEST(Exploration, WhatChanceFoundIsMadeSmall) {
  const auto search = explore::MakeRandomSearch(1, 200);
  const Explored found = Explore(*search, {.all = true}, LostUpdate);
  EXPECT_EQ(found.schedules, 200u);
  EXPECT_FALSE(found.complete);
  ASSERT_EQ(found.problems.count("counted"), 1u);
  const Finding& lost = found.problems.at("counted");
  EXPECT_EQ(lost.preemptions, 1u);
  EXPECT_GT(explore::Preemptions(lost.decisions), 5u);  // as it was drawn
  EXPECT_EQ(found.outcomes.at("counted").preemptions, 0u);
  // And the schedule is the small one's.
  const auto replay = mm::MakeReplay(lost.schedule);
  ASSERT_TRUE(replay.ok());
  EXPECT_EQ(LostUpdate({.strategy = **replay}).problem, "counted");
}

TEST(Exploration, AnExhaustiveSearchHasFoundTheSmallest) {
  const auto search = explore::MakeExhaustive(2, explore::Reduce::kNo);
  const Explored found = Explore(*search, {}, LostUpdate);
  EXPECT_EQ(found.problems.at("counted").preemptions, 1u);
}

}  // namespace
}  // namespace faultline::script
