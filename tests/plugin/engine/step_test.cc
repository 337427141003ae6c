// One instruction at a time.

#include <gtest/gtest.h>

#include "plugin/engine/cpu.h"
#include "tests/plugin/engine/test_machine.h"

namespace faultline::engine {
namespace {

using Kind = Trap::Kind;
constexpr uint64_t kCode = TestMachine::kCode;
constexpr uint64_t kData = TestMachine::kData;

class StepTest : public testing::TestWithParam<Arch> {
 protected:
  TestMachine m_{GetParam()};
};

TEST_P(StepTest, EndsAfterOneInstruction) {
  m_.Load(m_.kStoreLoadProgram);
  m_.Map(kData, mm::Prot::RW());
  m_.SetPointer(kData);
  m_.SetValue(77);
  m_.cpu().set_pc(kCode);
  EXPECT_EQ(m_.cpu().Step().kind, Kind::kSingleStep);
  EXPECT_EQ(m_.cpu().pc(), kCode + m_.store_bytes());
  EXPECT_EQ(m_.Peek64(kData), 77u);
  EXPECT_EQ(m_.cpu().Step().kind, Kind::kSingleStep);
  EXPECT_EQ(m_.Loaded(), 77u);
  EXPECT_EQ(m_.cpu().Step().kind, Kind::kSyscall);
}

TEST_P(StepTest, EndsAfterOneInstructionOfWhatHasRunBefore) {
  m_.Load(m_.kLoopProgram);
  m_.SetCounter(5);
  EXPECT_EQ(m_.RunAt(kCode, 3).kind, Kind::kSlice);
  const uint64_t left = m_.Counter();
  while (m_.Counter() == left) {
    ASSERT_EQ(m_.cpu().Step().kind, Kind::kSingleStep);
  }
  EXPECT_EQ(m_.Counter(), left - 1);
  EXPECT_EQ(m_.cpu().Run(0).kind, Kind::kSyscall);
  EXPECT_EQ(m_.Counter(), 0u);
}

TEST_P(StepTest, AFaultIsMetOnTheInstruction) {
  m_.Load(m_.kStoreLoadProgram);
  m_.SetPointer(kData);
  m_.cpu().set_pc(kCode);
  const Trap t = m_.cpu().Step();
  EXPECT_EQ(t.kind, Kind::kPageFault);
  EXPECT_EQ(t.address, mm::GuestAddr(kData));
  EXPECT_EQ(m_.cpu().pc(), kCode);
  m_.Map(kData, mm::Prot::RW());
  EXPECT_EQ(m_.cpu().Step().kind, Kind::kSingleStep);
}

TEST_P(StepTest, LeavesNoTrace) {
  m_.Load(m_.kLoopProgram);
  m_.SetCounter(5);
  m_.cpu().set_pc(kCode);
  ASSERT_EQ(m_.cpu().Step().kind, Kind::kSingleStep);
  if (GetParam() == Arch::kX86) {
    EXPECT_EQ(m_.X86().rflags & 0x100, 0u);
  }
  EXPECT_EQ(m_.cpu().Run(0).kind, Kind::kSyscall);
}

INSTANTIATE_TEST_SUITE_P(BothArchs, StepTest,
                         testing::Values(Arch::kX86, Arch::kArm64), ArchName);

}  // namespace
}  // namespace faultline::engine
