#include "plugin/lab/copy_machine.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "guest_mm/vma/mte.h"

namespace faultline::lab {
namespace {

using engine::Arch;
using engine::KernelRoutine;
using End = LoopOutcome::End;
using ::testing::Contains;
using ::testing::HasSubstr;

constexpr uint64_t kReadWrite = 3;

class CopyMachineTest : public testing::TestWithParam<Arch> {};
INSTANTIATE_TEST_SUITE_P(Both, CopyMachineTest,
                         testing::Values(Arch::kX86, Arch::kArm64));

// A probe that never looks, over memory that is never there.
LoopRequest Blind(uint64_t bytes) {
  return {.user = CopyMachine::kBase,
          .bytes = bytes,
          .probe = kProbeNone,
          .stuck = kStuckRetry,
          .fault_in_first = 1};
}

TEST_P(CopyMachineTest, ALoopThatComesBackToWhereItWasIsALivelock) {
  CopyMachine m(GetParam());
  const LoopOutcome o = m.Run(KernelRoutine::kLoopBufferedWrite, Blind(100));
  EXPECT_EQ(o.end, End::kLivelock);
  EXPECT_EQ(o.rounds, 1u);
  EXPECT_EQ(o.cycle, 0u);
  EXPECT_THAT(o.steps, Contains(HasSubstr("page fault at buffer+0: refused")));
  EXPECT_EQ(ToString(o), "livelock");
  EXPECT_THAT(CycleText(o), HasSubstr("round 1: 0 bytes moved"));
}

TEST_P(CopyMachineTest, NotAsLongAsSomebodyMayChangeSomething) {
  CopyMachine m(GetParam());
  unsigned asked = 0;
  // It comes to the rescue at the third chance.
  const Adversary helper{1, [&](uint64_t, uint64_t, std::string* what) {
                           if (++asked < 3) {
                             return false;
                           }
                           m.Map(0, 1, kReadWrite);
                           m.Populate(0, 1);
                           *what = "memory appears";
                           return true;
                         }};
  const LoopOutcome o =
      m.Run(KernelRoutine::kLoopBufferedWrite, Blind(100), {}, helper);
  EXPECT_EQ(o.end, End::kReturned);
  EXPECT_EQ(o.value, 100);
  EXPECT_THAT(o.steps, Contains("-- memory appears"));
  EXPECT_EQ(o.rounds, 3u);
}

TEST_P(CopyMachineTest, FaultsAreHandledUnlessTheLoopSaysOtherwise) {
  CopyMachine m(GetParam());
  m.Map(0, 2, kReadWrite);
  LoopRequest request = Blind(2 * m.page());
  const LoopOutcome read = m.Run(KernelRoutine::kLoopBufferedRead, request);
  EXPECT_EQ(read.value, int64_t(request.bytes));
  EXPECT_EQ(read.rounds, 2u);
  m.PageOut(0, 2);
  request.probe = kProbePages;
  const LoopOutcome write = m.Run(KernelRoutine::kLoopBufferedWrite, request);
  EXPECT_EQ(write.value, int64_t(request.bytes));
  EXPECT_EQ(m.Call(KernelRoutine::kStrnlenUser, CopyMachine::kBase + 99 * 4096,
                   10, 0),
            0u);
}

TEST(CopyMachineTest, AChangedTagIsAnotherState) {
  CopyMachine m(Arch::kArm64);
  m.Map(0, 1, kReadWrite | mm::kProtMte);
  m.Populate(0, 1);
  m.SetTags(CopyMachine::kBase, 16, 5);
  unsigned flips = 0;
  const Adversary flipper{3, [&](uint64_t, uint64_t, std::string* what) {
                            m.SetTags(CopyMachine::kBase, 16,
                                      mm::MemoryTag(++flips == 3 ? 0 : 6));
                            *what = "a tag changes";
                            return true;
                          }};
  const LoopOutcome o =
      m.Run(KernelRoutine::kLoopBufferedWrite, Blind(32),
            {engine::TagCheck::kSync, engine::TagCheck::kSync}, flipper);
  EXPECT_EQ(o.end, End::kReturned);
  EXPECT_EQ(o.value, 32);
  EXPECT_EQ(flips, 3u);
}

}  // namespace
}  // namespace faultline::lab
