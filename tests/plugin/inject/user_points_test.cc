#include "plugin/inject/user_points.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "plugin/linux/task/run_loop.h"
#include "tests/plugin/linux/kernel_fixture.h"

namespace faultline::inject {
namespace {

using os::TinyProgram;
using ::testing::HasSubstr;

// How often the points of a run were instructions.
class Counter : public mm::ScheduleObserver {
 public:
  void OnSwitch(const mm::Actor*, const mm::Actor&,
                const mm::PointSite*) override {}
  void OnPoint(const mm::Actor&, const mm::PointSite& at) override {
    instructions += &at == &os::kUserInsn ? 1 : 0;
  }
  int instructions = 0;
};

class UserPointsTest : public os::KernelTest {
 protected:
  int CountIn(const std::string& program, const std::string& points) {
    EXPECT_TRUE(Start(program).ok());
    EXPECT_TRUE(SetUserPoints(*kernel_, points, "/none").ok());
    Counter counter;
    kernel_->scheduler().set_observer(&counter, /*wants_points=*/true);
    const os::RunResult result = kernel_->Run();
    kernel_->scheduler().set_observer(nullptr, false);
    EXPECT_EQ(result.kind, os::RunResult::Kind::kExited);
    EXPECT_EQ(result.code, 3);
    return counter.instructions;
  }
  // Parent and child: a call, and an end.
  std::string Two() {
    return TinyProgram(GetParam())
        .Arg(0, 17)
        .Call(57, 220)   // fork, clone(SIGCHLD)
        .Call(110, 173)  // getppid
        .Exit(3)
        .Build();
  }
};

TEST_P(UserPointsTest, AloneThereAreNone) {
  EXPECT_EQ(CountIn(TinyProgram(GetParam()).Exit(3).Build(), "user"), 0);
}

TEST_P(UserPointsTest, WhileOthersCouldRunEachInstructionIsOne) {
  EXPECT_GE(CountIn(Two(), "user"), 4);
}

TEST_P(UserPointsTest, WithoutBeingAskedForThereAreNone) {
  EXPECT_EQ(CountIn(Two(), ""), 0);
}

TEST_P(UserPointsTest, WhatIsNoPlaceIsAnError) {
  EXPECT_THAT(SetUserPoints(*kernel_, "kernel", "/none").message(),
              HasSubstr("must be user"));
  EXPECT_THAT(SetUserPoints(*kernel_, "user:Add", "/none").message(),
              HasSubstr("no function called 'Add'"));
}

FAULTLINE_BOTH_ARCHITECTURES(UserPointsTest);

}  // namespace
}  // namespace faultline::inject
