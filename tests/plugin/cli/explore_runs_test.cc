// Covers: plugin/cli/machine.cc
#include "plugin/cli/explore_runs.h"

#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "guest_mm/base/check.h"
#include "guest_mm/sync/given_strategy.h"
#include "tests/plugin/linux/tiny_program.h"

namespace faultline::cli {
namespace {

using engine::Arch;
using os::TinyProgram;
using ::testing::HasSubstr;

// Does something at its first choice.
class Does : public mm::Strategy {
 public:
  explicit Does(std::function<void()> what) : what_(std::move(what)) {}
  size_t Choose(const mm::Choice& choice) override {
    what_();
    return mm::RoundRobinChoice(choice);
  }
  std::string Name() const override { return "does"; }

 private:
  std::function<void()> what_;
};

class ExploreRunsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = ::testing::TempDir() + "/explore." + std::to_string(::getpid());
    std::filesystem::create_directory(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  ExploreRuns& Make(const TinyProgram& program) {
    options_.command = {folder_ + "/prog"};
    std::ofstream(options_.command[0], std::ios::binary)
        << program.Build("hello\n");
    ::chmod(options_.command[0].c_str(), 0755);
    auto strategy = std::make_unique<explore::ForkingStrategy>();
    explore::ForkingStrategy& forking = *strategy;
    mm::GiveStrategy(std::move(strategy));
    options_.schedule = mm::kGivenStrategy;
    auto machine = Machine::Make(options_, console_, {.trace_hash = true});
    EXPECT_TRUE(machine.ok()) << machine.status();
    machine_ = *std::move(machine);
    machine_->trace().Pause();
    runs_ = std::make_unique<ExploreRuns>(
        ExploreRuns::Setup{.machine = *machine_,
                           .options = options_,
                           .strategy = forking,
                           .console = console_,
                           .limit_ns = 2'000'000});
    return *runs_;
  }
  static TinyProgram Program() { return TinyProgram(Arch::kX86); }
  // Parent and child do the same.
  static TinyProgram Two() { return Program().Call(57, 220); }
  static Ending UsualEnd(ExploreRuns& runs) {
    auto ending = runs.Run(mm::MakeRoundRobin(), {});
    EXPECT_TRUE(ending.ok()) << ending.status();
    return *ending;
  }

  std::string folder_;
  RunOptions options_;
  inject::CaptureConsole console_;
  std::unique_ptr<Machine> machine_;
  std::unique_ptr<ExploreRuns> runs_;
};

TEST_F(ExploreRunsTest, ARunLeavesTheMachineAsItWas) {
  ExploreRuns& runs = Make(Two().Write(6).Exit(3));
  const Ending first = UsualEnd(runs), second = UsualEnd(runs);
  EXPECT_EQ(first.kind, Ending::Kind::kExited);
  EXPECT_EQ(first.what, "exit status 3");
  EXPECT_GT(first.choices, 0u);
  EXPECT_EQ(first.output, second.output);
  EXPECT_EQ(first.virtual_ns, second.virtual_ns);
}

TEST_F(ExploreRunsTest, EndsAreCalledWhatTheyAre) {
  const std::pair<TinyProgram, Ending::Kind> cases[] = {
      {Program().Crash(), Ending::Kind::kKilled},
      {Program().Call(34, 0), Ending::Kind::kDeadlock},  // pause
      {Program().Spin(), Ending::Kind::kLivelock},
      {Program().CountForEver(), Ending::Kind::kHang},
  };
  for (const auto& [program, kind] : cases) {
    const Ending e = UsualEnd(Make(program));
    EXPECT_EQ(e.kind, kind) << e.what;
    EXPECT_EQ(IsViolation(e), kind != Ending::Kind::kKilled);
    EXPECT_EQ(e.detail.empty(), !IsViolation(e)) << e.detail;
  }
}

TEST_F(ExploreRunsTest, ABrokenInvariantBringsItsMessage) {
  ExploreRuns& runs = Make(Two().Exit(0));
  const auto e = runs.Run(
      std::make_unique<Does>([] { FL_CHECK(false && "a count is wrong"); }), {},
      ExploreRuns::Tell::kYes);
  ASSERT_TRUE(e.ok());
  EXPECT_EQ(e->kind, Ending::Kind::kInvariant);
  EXPECT_THAT(e->what, HasSubstr("broken invariant: "));
  EXPECT_THAT(e->what, HasSubstr("a count is wrong"));
  EXPECT_THAT(e->schedule, HasSubstr("replay:"));
}

TEST_F(ExploreRunsTest, ADeathIsAnEnd) {
  ExploreRuns& runs = Make(Two().Exit(0));
  const auto e = runs.Run(std::make_unique<Does>([] { raise(SIGKILL); }), {});
  ASSERT_TRUE(e.ok());
  EXPECT_EQ(e->kind, Ending::Kind::kCrash);
  EXPECT_THAT(e->what, HasSubstr("SIGKILL"));
}

TEST_F(ExploreRunsTest, EveryScheduleAndThenTheSameTurnsAgain) {
  ExploreRuns& runs = Make(Two().Write(6).Exit(3));
  std::vector<Ending> all;
  const auto more = runs.RunAll({.preemptions = 1, .runs = 10'000}, {},
                                [&](Ending e) { all.push_back(std::move(e)); });
  ASSERT_TRUE(more.ok());
  EXPECT_FALSE(*more);
  EXPECT_GT(all.size(), 3u);
  for (const Ending& e : all) {
    EXPECT_LE(explore::Preemptions(e.turns), 1u);
    const auto again = runs.Run(explore::MakeTurns(e.turns), {});
    ASSERT_TRUE(again.ok());
    EXPECT_EQ(again->turns, e.turns);
    EXPECT_EQ(again->virtual_ns, e.virtual_ns);
  }
  uint64_t fewer = 0;
  const auto limited = runs.RunAll({.preemptions = 1, .runs = 2}, {},
                                   [&](const Ending&) { ++fewer; });
  EXPECT_TRUE(*limited);
  EXPECT_EQ(fewer, 2u);
}

TEST_F(ExploreRunsTest, AToldRunHasAStoryAScheduleAndAHash) {
  ExploreRuns& runs = Make(Two().Write(6).Exit(3));
  const auto told = runs.Run(mm::MakeRandom(1), {}, ExploreRuns::Tell::kYes);
  ASSERT_TRUE(told.ok());
  EXPECT_THAT(told->story, HasSubstr("syscall.enter"));
  ASSERT_TRUE(told->trace_hash.has_value());
  auto replay = mm::ParseStrategy(told->schedule, 0);
  ASSERT_TRUE(replay.ok()) << told->schedule;
  const auto again = runs.Run(*std::move(replay), {}, ExploreRuns::Tell::kYes);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->trace_hash, told->trace_hash);
  EXPECT_EQ(again->story, told->story);
}

TEST_F(ExploreRunsTest, WhatIsInjectedFails) {
  ExploreRuns& runs = Make(Program().Write(6).ExitWithErrno());
  const auto e = runs.Run(mm::MakeRoundRobin(), {"usercopy:nth=1"});
  ASSERT_TRUE(e.ok());
  EXPECT_EQ(e->what, "exit status 14");  // EFAULT
}

}  // namespace
}  // namespace faultline::cli
