#include "plugin/inject/sweep_judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <string>

namespace faultline::inject {
namespace {

using ::testing::HasSubstr;

constexpr RunEnd kBaseline{.code = 0, .output = 5, .virtual_ns = 100};

Message Exited(int code, uint64_t output) {
  Message m;
  m.run = {.code = code, .output = output};
  return m;
}
Message Killed(int signo) {
  Message m;
  m.run = {.killed = true, .code = signo, .output = 5};
  return m;
}
End Of(const Message& m, const RunEnd& baseline = kBaseline) {
  return Judge(m, baseline).end;
}

TEST(SweepJudgeTest, ExitStatusAndOutputAreComparedWithTheBaseline) {
  EXPECT_EQ(Of(Exited(0, 5)), End::kSame);
  EXPECT_EQ(Of(Exited(0, 6)), End::kSilent);
  EXPECT_EQ(Of(Exited(1, 6)), End::kCleanError);
  EXPECT_EQ(Of(Exited(1, 5)), End::kCleanError);
  EXPECT_EQ(Of(Killed(SIGSEGV)), End::kSignal);
}

TEST(SweepJudgeTest, ABaselineMayItselfFail) {
  const RunEnd failing{.code = 1, .output = 5};
  EXPECT_EQ(Of(Exited(1, 5), failing), End::kSame);
  EXPECT_EQ(Of(Exited(1, 6), failing), End::kSilent);
  EXPECT_EQ(Of(Exited(0, 5), failing), End::kSilent);
  EXPECT_EQ(Of(Exited(2, 5), failing), End::kCleanError);
  const RunEnd dying{.killed = true, .code = SIGTERM, .output = 5};
  EXPECT_EQ(Of(Killed(SIGTERM), dying), End::kSame);
  EXPECT_EQ(Of(Killed(SIGSEGV), dying), End::kSignal);
}

TEST(SweepJudgeTest, WhoDoesNotEndHangsOrGoesRound) {
  Message m = Exited(0, 5);
  m.limit = Limit::kReached;
  EXPECT_EQ(Of(m), End::kHang);
  m.limit = Limit::kLivelock;
  EXPECT_EQ(Of(m), End::kLivelock);
  m.limit = Limit::kDeadlock;
  EXPECT_EQ(Of(m), End::kHang);
  EXPECT_EQ(Judge(m, kBaseline).detail, "deadlock");
}

TEST(SweepJudgeTest, ABugOfTheKernelIsABrokenInvariantOursACrash) {
  Message m = Exited(0, 5);
  m.failure = Message::Failure::kBug;
  m.SetText("kernel BUG: mfill");
  EXPECT_EQ(Of(m), End::kInvariant);
  EXPECT_EQ(Judge(m, kBaseline).detail, "kernel BUG: mfill");
  m.failure = Message::Failure::kOurs;
  EXPECT_EQ(Of(m), End::kCrash);
}

TEST(SweepJudgeTest, WhoDiesIsACrashUnlessTheBooksWereBeingChecked) {
  Message died;
  died.kind = Message::Kind::kDied;
  died.status = SIGABRT;  // as wait(2) has it
  EXPECT_EQ(JudgeDead(died, nullptr).end, End::kCrash);
  EXPECT_THAT(JudgeDead(died, nullptr).detail, HasSubstr("SIGABRT"));
  const Message report = Exited(0, 5);
  EXPECT_EQ(JudgeDead(died, &report).end, End::kInvariant);
  died.status = SIGSEGV;
  EXPECT_EQ(JudgeDead(died, &report).end, End::kCrash);
  died.status = SIGPROF;
  EXPECT_EQ(JudgeDead(died, nullptr).end, End::kHang);
  died.status = 3 << 8;
  EXPECT_THAT(JudgeDead(died, nullptr).detail, HasSubstr("status"));
}

}  // namespace
}  // namespace faultline::inject
