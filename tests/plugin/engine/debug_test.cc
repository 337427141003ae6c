#include "plugin/engine/debug.h"

#include <gtest/gtest.h>

#include "tests/plugin/engine/test_machine.h"

namespace faultline::engine {
namespace {

using Kind = Trap::Kind;
using Why = CpuDebug::Why;
constexpr uint64_t kCode = TestMachine::kCode;
constexpr uint64_t kData = TestMachine::kData;

class DebugTest : public testing::TestWithParam<Arch> {
 protected:
  DebugTest() { debug().Enable(); }
  CpuDebug& debug() { return m_.cpu().debug(); }
  void LoadStoreLoad(uint64_t value) {
    m_.Load(m_.kStoreLoadProgram);
    m_.Map(kData, mm::Prot::RW());
    m_.SetPointer(kData);
    m_.SetValue(value);
    m_.cpu().set_pc(kCode);
  }
  TestMachine m_{GetParam()};
};

TEST_P(DebugTest, ABreakpointStopsBeforeItsInstruction) {
  LoadStoreLoad(7);
  const uint64_t load = kCode + m_.store_bytes();
  debug().SetBreakpoints({load});
  EXPECT_EQ(m_.cpu().Run(0).kind, Kind::kStopped);
  EXPECT_EQ(debug().why(), Why::kBreakpoint);
  EXPECT_EQ(m_.cpu().pc(), load);
  EXPECT_EQ(m_.Peek64(kData), 7u);
  EXPECT_EQ(m_.Loaded(), 0u);
  // It stops there again unless told not to.
  EXPECT_EQ(debug().Resume().kind, Kind::kStopped);
  EXPECT_EQ(m_.cpu().pc(), load);
  debug().SkipBreakpoint(load);
  EXPECT_EQ(debug().Resume().kind, Kind::kSyscall);
  EXPECT_EQ(debug().why(), Why::kNone);
  EXPECT_EQ(m_.Loaded(), 7u);
}

TEST_P(DebugTest, CodeThatHasRunGetsBreakpointsAndLosesThem) {
  m_.Load(m_.kLoopProgram);
  m_.SetCounter(3);
  EXPECT_EQ(m_.RunAt(kCode).kind, Kind::kSyscall);
  debug().SetBreakpoints({kCode});
  m_.SetCounter(3);
  EXPECT_EQ(m_.RunAt(kCode).kind, Kind::kStopped);
  for (uint64_t left = 3; left > 1; --left) {
    EXPECT_EQ(m_.Counter(), left);
    debug().SkipBreakpoint(kCode);
    EXPECT_EQ(debug().Resume().kind, Kind::kStopped);
  }
  debug().SetBreakpoints({});
  EXPECT_EQ(debug().Resume().kind, Kind::kSyscall);
  EXPECT_EQ(m_.Counter(), 0u);
}

TEST_P(DebugTest, StepsCountBlocksAsARunDoes) {
  m_.Load(m_.kLoopProgram);
  m_.SetCounter(5);
  EXPECT_EQ(m_.RunAt(kCode, 100).kind, Kind::kSyscall);
  const uint64_t blocks = m_.cpu().blocks_run();
  m_.SetCounter(5);
  debug().SetStep(true);
  unsigned steps = 0;
  Trap trap = m_.RunAt(kCode, 100);
  while (trap.kind == Kind::kStopped) {
    EXPECT_EQ(debug().why(), Why::kStep);
    ++steps;
    trap = debug().Resume();
  }
  debug().SetStep(false);
  EXPECT_EQ(trap.kind, Kind::kSyscall);
  EXPECT_EQ(steps, 10u);  // two instructions a round; the call is none
  EXPECT_EQ(m_.cpu().blocks_run(), blocks);
}

TEST_P(DebugTest, ASliceEndsWhereItWouldHaveWithoutStops) {
  m_.Load(m_.kLoopProgram);
  m_.SetCounter(50);
  EXPECT_EQ(m_.RunAt(kCode, 20).kind, Kind::kSlice);
  const uint64_t left = m_.Counter();
  m_.SetCounter(50);
  debug().SetBreakpoints({kCode});
  Trap trap = m_.RunAt(kCode, 20);
  while (trap.kind == Kind::kStopped) {
    debug().SkipBreakpoint(kCode);
    trap = debug().Resume();
  }
  EXPECT_EQ(trap.kind, Kind::kSlice);
  EXPECT_EQ(m_.Counter(), left);
}

TEST_P(DebugTest, APlaceIsFoundAgain) {
  m_.Load(m_.kLoopProgram);
  m_.SetCounter(9);
  debug().SetStep(true);
  Trap trap = m_.RunAt(kCode, 0);
  for (int i = 0; i < 6; ++i) {
    ASSERT_EQ(trap.kind, Kind::kStopped);
    trap = debug().Resume();
  }
  const CpuDebug::Place place = debug().place();
  const uint64_t left = m_.Counter();
  debug().SetStep(false);
  EXPECT_EQ(debug().Resume().kind, Kind::kSyscall);
  m_.SetCounter(9);
  debug().SetPlace(place);
  EXPECT_EQ(m_.RunAt(kCode).kind, Kind::kStopped);
  EXPECT_EQ(debug().why(), Why::kPlace);
  EXPECT_EQ(debug().place(), place);
  EXPECT_EQ(m_.Counter(), left);
}

TEST_P(DebugTest, AWatchedStoreStopsBeforeItHappens) {
  LoadStoreLoad(7);
  ASSERT_TRUE(debug().SetWatches({{kData + 4, 4, false, true}}).ok());
  EXPECT_EQ(m_.cpu().Run(0).kind, Kind::kStopped);
  EXPECT_EQ(debug().why(), Why::kWatch);
  EXPECT_EQ(debug().access().address, kData + 4);
  EXPECT_TRUE(debug().access().store);
  EXPECT_EQ(m_.cpu().pc(), kCode);
  EXPECT_EQ(m_.Peek64(kData), 0u);
  debug().SetAccesses(CpuDebug::Accesses::kPass);
  EXPECT_EQ(debug().Resume().kind, Kind::kSyscall);
  EXPECT_EQ(m_.Peek64(kData), 7u);
  EXPECT_EQ(m_.Loaded(), 7u);
}

TEST_P(DebugTest, AWatchedLoadStopsAndOthersDoNot) {
  LoadStoreLoad(7);
  ASSERT_TRUE(debug().SetWatches({{kData, 1, true, false}}).ok());
  EXPECT_EQ(m_.cpu().Run(0).kind, Kind::kStopped);
  EXPECT_EQ(m_.cpu().pc(), kCode + m_.store_bytes());
  EXPECT_FALSE(debug().access().store);
  LoadStoreLoad(8);
  ASSERT_TRUE(debug().SetWatches({{kData + 8, 8, true, true}}).ok());
  EXPECT_EQ(m_.cpu().Run(0).kind, Kind::kSyscall);
  ASSERT_TRUE(debug().SetWatches({}).ok());
}

TEST_P(DebugTest, OneInstructionStopsAsARunDoes) {
  LoadStoreLoad(7);
  debug().SetBreakpoints({kCode});
  ASSERT_TRUE(debug().SetWatches({{kData, 8, false, true}}).ok());
  EXPECT_EQ(m_.cpu().Step().kind, Kind::kStopped);
  EXPECT_EQ(debug().why(), Why::kBreakpoint);
  debug().SkipBreakpoint(kCode);
  EXPECT_EQ(m_.cpu().Step().kind, Kind::kStopped);
  EXPECT_EQ(debug().why(), Why::kWatch);
  EXPECT_EQ(m_.cpu().pc(), kCode);
  EXPECT_EQ(m_.Peek64(kData), 0u);
  debug().SkipBreakpoint(kCode);
  debug().SetAccesses(CpuDebug::Accesses::kPass);
  EXPECT_EQ(m_.cpu().Step().kind, Kind::kSingleStep);
  EXPECT_EQ(debug().why(), Why::kNone);
  EXPECT_EQ(m_.cpu().pc(), kCode + m_.store_bytes());
  EXPECT_EQ(m_.Peek64(kData), 7u);
}

TEST_P(DebugTest, AContextThatIsNotLoadedIsReadAndWritten) {
  const auto other = m_.cpu().NewContext();
  RegisterFile regs = debug().Read(*other);
  std::visit(
      [](auto& r) {
        if constexpr (requires { r.rip; }) {
          r.rip = 0x1234;
        } else {
          r.pc = 0x1234;
        }
      },
      regs);
  m_.cpu().set_pc(kCode);
  debug().Write(*other, regs);
  EXPECT_EQ(m_.cpu().pc(), kCode);
  m_.cpu().SwitchTo(&m_.space(), other.get());
  EXPECT_EQ(m_.cpu().pc(), 0x1234u);
}

INSTANTIATE_TEST_SUITE_P(BothArchs, DebugTest,
                         testing::Values(Arch::kX86, Arch::kArm64), ArchName);

}  // namespace
}  // namespace faultline::engine
