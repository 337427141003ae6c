// Straight code that runs into a page it may not fetch from (step_ahead.cc).

#include <gtest/gtest.h>

#include "plugin/engine/cpu.h"
#include "tests/plugin/engine/test_insns.h"
#include "tests/plugin/engine/test_machine.h"

namespace faultline::engine {
namespace {

using mm::Access;
using mm::Prot;
using Kind = Trap::Kind;
constexpr uint64_t kCode = TestMachine::kCode;
constexpr uint64_t kNext = kCode + 0x1000;

class StepAheadTest : public testing::Test {
 protected:
  StepAheadTest() { m_.Map(kCode, Prot::RX()); }
  TestMachine m_{Arch::kX86};
};

TEST_F(StepAheadTest, TheInstructionsBeforeTheEdgeHaveRunWhenItFaults) {
  m_.Poke(kNext - 9, x64::Cat({x64::kIncRax, x64::kIncRax, x64::kIncRax}));
  const Trap t = m_.RunAt(kNext - 9);
  EXPECT_EQ(t.kind, Kind::kPageFault);
  EXPECT_EQ(t.access, Access::kExec);
  EXPECT_EQ(t.address, mm::GuestAddr(kNext));
  EXPECT_EQ(m_.cpu().pc(), kNext);
  EXPECT_EQ(m_.X86().gpr[x86::kRax], 3u);
  EXPECT_EQ(m_.X86().rflags & 0x100, 0u) << "no trace of the stepping";
  EXPECT_EQ(m_.cpu().LocateFault(t), mm::GuestAddr(kNext));
}

TEST_F(StepAheadTest, AnInstructionAcrossTheEdgeFaultsOnItsFirstByte) {
  m_.Poke(kNext - 7, x64::Cat({x64::kIncRax, x64::kIncRax, x64::Bytes{0x48}}));
  const Trap t = m_.RunAt(kNext - 7);
  EXPECT_EQ(t.kind, Kind::kPageFault);
  EXPECT_EQ(m_.cpu().pc(), kNext - 1);
  EXPECT_EQ(m_.X86().gpr[x86::kRax], 2u);
  EXPECT_EQ(m_.cpu().LocateFault(t), mm::GuestAddr(kNext));
}

TEST_F(StepAheadTest, AnEarlierFaultComesFirst) {
  m_.Poke(kNext - 9, x64::Cat({x64::kIncRax, x64::kLoadRcxRdi, x64::kIncRax}));
  m_.SetPointer(0x1234);
  const Trap t = m_.RunAt(kNext - 9);
  EXPECT_EQ(t.kind, Kind::kPageFault);
  EXPECT_EQ(t.access, Access::kRead);
  EXPECT_EQ(m_.cpu().pc(), kNext - 6);
}

TEST_F(StepAheadTest, CodeThatNeverGetsThereDoesNotFault) {
  // rep movsb of nothing, then a call: the block goes on, the program stops.
  m_.Poke(kNext - 5, x64::Cat({x64::kIncRax, x64::kSyscall}));
  EXPECT_EQ(m_.RunAt(kNext - 5).kind, Kind::kSyscall);
  EXPECT_EQ(m_.X86().gpr[x86::kRax], 1u);
}

TEST_F(StepAheadTest, AMappedPageIsSimplyRunInto) {
  m_.Map(kNext, Prot::RX());
  m_.Poke(kNext - 3, x64::Cat({x64::kIncRax, x64::kIncRax, x64::kSyscall}));
  EXPECT_EQ(m_.RunAt(kNext - 3).kind, Kind::kSyscall);
  EXPECT_EQ(m_.X86().gpr[x86::kRax], 2u);
}

TEST_F(StepAheadTest, AfterTheFaultIsResolvedTheRunGoesOn) {
  m_.Poke(kNext - 6, x64::Cat({x64::kIncRax, x64::kIncRax}));
  EXPECT_EQ(m_.RunAt(kNext - 6).kind, Kind::kPageFault);
  m_.Map(kNext, Prot::RX());
  m_.Poke(kNext, x64::Cat({x64::kIncRax, x64::kSyscall}));
  EXPECT_EQ(m_.cpu().Run(0).kind, Kind::kSyscall);
  EXPECT_EQ(m_.X86().gpr[x86::kRax], 3u);
}

TEST(StepAheadArm64Test, BlocksEndWhereTheirPageDoes) {
  TestMachine m(Arch::kArm64);
  m.Map(kCode, Prot::RX());
  const uint32_t add = a64::kAddX0One;
  for (uint64_t at = kNext - 12; at < kNext; at += 4) {
    m.Poke(at, absl::MakeConstSpan(reinterpret_cast<const uint8_t*>(&add), 4));
  }
  EXPECT_EQ(m.RunAt(kNext - 12).kind, Kind::kPageFault);
  EXPECT_EQ(m.cpu().pc(), kNext);
  EXPECT_EQ(m.Arm64().x[0], 3u);
}

}  // namespace
}  // namespace faultline::engine
