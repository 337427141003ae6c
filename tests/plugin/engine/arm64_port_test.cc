// arm64 exceptions as traps, and what a program can learn of the CPU.

#include "plugin/engine/arm64_port.h"

#include <gtest/gtest.h>
#include <unicorn/unicorn.h>

#include <cstring>
#include <utility>

#include "arch_arm64/arch_ops.h"
#include "arch_arm64/system_registers.h"
#include "tests/plugin/engine/test_insns.h"
#include "tests/plugin/engine/test_machine.h"
#include "tests/plugin/engine/test_raw_engine.h"

namespace faultline::engine {
namespace {

using Kind = Trap::Kind;
using mm::Prot;
constexpr uint64_t kCode = TestMachine::kCode;
constexpr uint64_t kData = TestMachine::kData;

class Arm64PortTest : public testing::Test {
 protected:
  Trap Run(std::initializer_list<uint32_t> words) {
    m_.LoadWords(words);
    return m_.RunAt(kCode);
  }
  TestMachine m_{Arch::kArm64};
};

TEST_F(Arm64PortTest, SystemInstructionsTrapWithTheirEncoding) {
  for (const uint32_t insn :
       {a64::kMsrSctlrX0, a64::kTlbiX0, a64::kMsrDaifset, a64::kMrsX1Midr,
        a64::kMrsX1Isar0, a64::kMrsX1Cntvct, a64::kMrsX1Pmccntr}) {
    const Trap t = Run({insn});
    EXPECT_EQ(t.kind, Kind::kSystemRegister) << std::hex << insn;
    EXPECT_EQ(t.code, insn);
    EXPECT_EQ(m_.cpu().pc(), kCode);
  }
}

TEST_F(Arm64PortTest, WhatLinuxGivesToEl0Works) {
  m_.Map(kData, Prot::RW());
  for (const uint32_t insn : {a64::kMrsX1Ctr, a64::kMrsX1Dczid, a64::kDcZvaX0,
                              a64::kDcCvauX0, a64::kIcIvauX0, a64::kMrsX1Tpidr,
                              a64::kMsrTpidrX1, a64::kFmovD0X0, a64::kWfi}) {
    m_.SetPointer(kData);
    EXPECT_EQ(Run({insn, a64::kSvc}).kind, Kind::kSyscall) << std::hex << insn;
    EXPECT_EQ(m_.cpu().pc(), kCode + 8);
  }
}

TEST_F(Arm64PortTest, BreakpointsStopOnThemselvesWithTheirNumber) {
  const Trap t = Run({a64::kBrk7});
  EXPECT_EQ(t.kind, Kind::kBreakpoint);
  EXPECT_EQ(t.code, 7u);
  EXPECT_EQ(m_.cpu().pc(), kCode);
}

TEST_F(Arm64PortTest, UnknownInstructionsAreUndefinedOnThemselves) {
  for (const uint32_t insn : {a64::kUdf, a64::kHlt1}) {
    const Trap t = Run({insn});
    EXPECT_EQ(t.kind, Kind::kUndefined);
    EXPECT_EQ(t.code, insn);
    EXPECT_EQ(m_.cpu().pc(), kCode);
  }
}

TEST_F(Arm64PortTest, TaggingInstructionsAreUndefinedForNow) {
  for (const a64::NamedInsn& insn : a64::kMte) {
    const Trap t = Run({insn.word});
    EXPECT_EQ(t.kind, Kind::kUndefined) << insn.name;
    EXPECT_EQ(t.code, insn.word) << insn.name;
  }
}

TEST_F(Arm64PortTest, TheHostsRandomnessCannotBeHad) {
  m_.SetArm64(1, 5);
  EXPECT_EQ(Run({a64::kMrsX1Rndr, a64::kSvc}).kind, Kind::kUndefined);
  EXPECT_EQ(m_.cpu().pc(), kCode);
  EXPECT_EQ(m_.Arm64().x[1], 5u);
}

TEST_F(Arm64PortTest, AJumpToAnOddAddressIsAnAlignmentFault) {
  m_.Map(kData, Prot::RX());
  m_.SetPointer(kData + 2);
  const Trap t = Run({a64::kBrX0});
  EXPECT_EQ(t.kind, Kind::kAlignment);
  EXPECT_EQ(t.access, mm::Access::kExec);
}

TEST_F(Arm64PortTest, AMisalignedExclusiveIsAnAlignmentFault) {
  m_.Map(kData, Prot::RW());
  m_.SetPointer(kData + 4);
  const Trap t = Run({a64::kLdxrX1X0});
  EXPECT_EQ(t.kind, Kind::kAlignment);
  EXPECT_EQ(t.access, mm::Access::kRead);
  EXPECT_EQ(t.address, mm::GuestAddr(kData + 4));
  EXPECT_EQ(m_.cpu().pc(), kCode);
}

TEST_F(Arm64PortTest, NoUserFeatureIsTheEnginesAlone) {
  // What a user is told is what the engine's own ID registers say, or less.
  RawEngine raw(UC_ARCH_ARM64, UC_CPU_ARM64_MAX);
  for (const auto& [crm, op2] : {std::pair{4, 0}, {6, 0}, {6, 1}}) {
    uc_arm64_cp_reg reg = {0, uint32_t(crm), 3, 0, uint32_t(op2), 0};
    ASSERT_EQ(uc_reg_read(raw.uc(), UC_ARM64_REG_CP_REG, &reg), UC_ERR_OK);
    arm64::Registers r;
    ASSERT_TRUE(arm64::EmulateSystemRegister(
        0xd5380000 | uint32_t(crm) << 8 | uint32_t(op2) << 5, 0, r));
    for (int shift = 0; shift < 64; shift += 4) {
      EXPECT_LE(r.x[0] >> shift & 0xf, reg.val >> shift & 0xf)
          << "CRm " << crm << " op2 " << op2 << " bit " << shift;
    }
  }
}

TEST_F(Arm64PortTest, Bit55DividesTheHalves) {
  const Arm64Port port(arm64::OpsFor(arm64::Paging::k4K48));
  EXPECT_FALSE(port.IsKernelAddress(0xffff'ffff'f000));
  EXPECT_FALSE(port.IsKernelAddress(0x5b00'0000'1000'0000));
  EXPECT_TRUE(port.IsKernelAddress(0xffff'0000'0000'0000));
  EXPECT_TRUE(port.IsKernelAddress(0x5bff'0000'0000'0000));
}

}  // namespace
}  // namespace faultline::engine
