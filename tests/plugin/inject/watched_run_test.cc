// Covers: plugin/inject/time_limit.cc
#include "plugin/inject/watched_run.h"

#include <gtest/gtest.h>

#include "tests/plugin/linux/kernel_fixture.h"

namespace faultline::inject {
namespace {

using os::RunResult;
using os::TinyProgram;

constexpr uint64_t kLimit = 5'000'000;

class WatchedRunTest : public os::KernelTest {
 protected:
  Limit LimitOf(const TinyProgram& program) {
    EXPECT_TRUE(Start(program.Build("hello\n")).ok());
    WatchedRun run(*kernel_, kLimit);
    result_ = run.Run();
    return run.limit();
  }
  RunResult result_;
};

TEST_P(WatchedRunTest, WhoEndsInTimeHasKeptTheLimit) {
  EXPECT_EQ(LimitOf(TinyProgram(GetParam()).Write(6).Exit(7)), Limit::kKept);
  EXPECT_EQ(result_.code, 7);
  EXPECT_LT(kernel_->now().ns(), kLimit) << "the timer is not waited for";
}

TEST_P(WatchedRunTest, TheSameStateAgainIsALivelock) {
  EXPECT_EQ(LimitOf(TinyProgram(GetParam()).Spin()), Limit::kLivelock);
  EXPECT_GE(kernel_->now().ns(), kLimit);
}

TEST_P(WatchedRunTest, WhoGetsOnIsOnlyTooLate) {
  EXPECT_EQ(LimitOf(TinyProgram(GetParam()).CountForEver()), Limit::kReached);
}

TEST_P(WatchedRunTest, WhoWaitsForNothingIsInADeadlock) {
  EXPECT_EQ(LimitOf(TinyProgram(GetParam())
                        .ArgText(0)
                        .Arg(1, 8)
                        .Call(130, 133)  // rt_sigsuspend
                        .Exit(0)),
            Limit::kDeadlock);
}

TEST_P(WatchedRunTest, TheLimitCanBeChangedOnTheWay) {
  EXPECT_TRUE(Start(TinyProgram(GetParam()).Spin().Build()).ok());
  WatchedRun run(*kernel_, uint64_t{1} << 60);
  run.set_limit(kLimit);
  (void)run.Run();
  EXPECT_EQ(run.limit(), Limit::kLivelock);
}

FAULTLINE_BOTH_ARCHITECTURES(WatchedRunTest);

}  // namespace
}  // namespace faultline::inject
