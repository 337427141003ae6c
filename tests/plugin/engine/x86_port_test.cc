// x86 exceptions as traps, and what a program can learn of the CPU.

#include "plugin/engine/x86_port.h"

#include <gtest/gtest.h>

#include "arch_x86/arch_ops.h"
#include "arch_x86/hwcap.h"
#include "tests/plugin/engine/test_insns.h"
#include "tests/plugin/engine/test_machine.h"

namespace faultline::engine {
namespace {

using mm::Prot;
using Kind = Trap::Kind;
constexpr uint64_t kCode = TestMachine::kCode;
constexpr uint64_t kData = TestMachine::kData;

class X86PortTest : public testing::Test {
 protected:
  Trap Run(std::initializer_list<x64::Bytes> parts) {
    m_.Load(x64::Cat(parts));
    return m_.RunAt(kCode);
  }
  uint64_t Rax() { return m_.X86().gpr[x86::kRax]; }
  TestMachine m_{Arch::kX86};
};

TEST_F(X86PortTest, PrivilegedInstructionsAreProtectionFaultsOnThemselves) {
  for (const x64::Bytes& code : {x64::kHlt, x64::kCli, x64::kMovFromCr3,
                                 x64::kInvlpgRdi, x64::Bytes{0x0f, 0x32}}) {
    const Trap t = Run({code});
    EXPECT_EQ(t.kind, Kind::kProtection) << std::hex << int{code[0]};
    EXPECT_EQ(m_.cpu().pc(), kCode) << std::hex << int{code[0]};
  }
}

// The engine would do these, and what follows them in the block.
TEST_F(X86PortTest, PortsAreProtectionFaultsThatLeaveNoTrace) {
  m_.Map(kData, Prot::RW());
  m_.SetPointer(kData);
  m_.SetValue(5);
  for (const x64::Bytes& code :
       {x64::kIn, x64::kOut, x64::kInEaxImm, x64::kOutsb, x64::kRepOutsb}) {
    x86::Registers before = m_.X86();
    before.gpr[x86::kRsi] = kData;
    before.gpr[x86::kRcx] = 3;
    before.rflags |= 1;  // CF: must not be lost
    m_.cpu().WriteRegisters(before);
    const Trap t = Run({x64::kIncRax, code, x64::kStoreRdxRdi, x64::kSyscall});
    EXPECT_EQ(t.kind, Kind::kProtection) << std::hex << int{code[0]};
    const x86::Registers after = m_.X86();
    EXPECT_EQ(after.rip, kCode + x64::kIncRax.size());
    EXPECT_EQ(after.gpr[x86::kRax], before.gpr[x86::kRax] + 1);
    EXPECT_EQ(after.gpr[x86::kRsi], kData);
    EXPECT_EQ(after.gpr[x86::kRcx], 3u);
    EXPECT_EQ(after.rflags & 1, 1u);
    EXPECT_EQ(m_.Peek64(kData), 0u);
  }
  EXPECT_EQ(Run({x64::kStoreRdxRdi, x64::kSyscall}).kind, Kind::kSyscall);
  EXPECT_EQ(m_.Peek64(kData), 5u);
}

TEST_F(X86PortTest, OneExceptionAfterAnotherIsNotADoubleFault) {
  m_.SetCounter(0);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Run({x64::kHlt}).kind, Kind::kProtection);
    EXPECT_EQ(Run({x64::kDivEcx}).kind, Kind::kDivide);
    EXPECT_EQ(m_.cpu().pc(), kCode);
  }
  m_.Map(kData, Prot::RW());
  m_.SetPointer(kData);
  m_.SetValue(5);
  EXPECT_EQ(Run({x64::kStoreRdxRdi, x64::kSyscall}).kind, Kind::kSyscall);
  EXPECT_EQ(m_.Peek64(kData), 5u);
}

TEST_F(X86PortTest, AnExceptionKeepsAllRegisters) {
  x86::Registers r = m_.X86();
  for (size_t i = 0; i < 16; ++i) {
    r.gpr[i] = 100 + i;
  }
  r.fs_base = 0x1000;
  r.fxsave[160] = 9;  // XMM0
  m_.cpu().WriteRegisters(r);
  EXPECT_EQ(Run({x64::kHlt}).kind, Kind::kProtection);
  const x86::Registers back = m_.X86();
  EXPECT_EQ(back.gpr, r.gpr);
  EXPECT_EQ(back.fs_base, r.fs_base);
  EXPECT_EQ(back.fxsave, r.fxsave);
}

TEST_F(X86PortTest, BreakpointsStopAfterUnknownInstructionsOn) {
  EXPECT_EQ(Run({x64::kInt3}).kind, Kind::kBreakpoint);
  EXPECT_EQ(m_.cpu().pc(), kCode + 1);
  EXPECT_EQ(Run({x64::kUd2}).kind, Kind::kUndefined);
  EXPECT_EQ(m_.cpu().pc(), kCode);
}

TEST_F(X86PortTest, SoftwareInterruptsAreRefused) {
  Trap t = Run({x64::kInt80});
  EXPECT_EQ(t.kind, Kind::kProtection);
  EXPECT_EQ(t.code, 0x80u * 8 + 2);
  EXPECT_EQ(m_.cpu().pc(), kCode);
  t = Run({x64::kInt13});
  EXPECT_EQ(t.kind, Kind::kProtection);
  EXPECT_EQ(t.code, 13u * 8 + 2);
  EXPECT_EQ(m_.cpu().pc(), kCode);
}

TEST_F(X86PortTest, ANonCanonicalAddressIsAProtectionFault) {
  m_.SetPointer(0x8000'0000'0000);
  EXPECT_EQ(Run({x64::kLoadRcxRdi}).kind, Kind::kProtection);
  EXPECT_EQ(m_.cpu().pc(), kCode);
}

TEST_F(X86PortTest, TheTrapFlagStepsOneInstruction) {
  x86::Registers r = m_.X86();
  r.rflags |= 0x100;
  m_.cpu().WriteRegisters(r);
  EXPECT_EQ(Run({x64::kIncRax, x64::kIncRax, x64::kSyscall}).kind,
            Kind::kSingleStep);
  EXPECT_EQ(m_.cpu().pc(), kCode + 3);
  EXPECT_EQ(m_.cpu().Run(0).kind, Kind::kSingleStep);
  EXPECT_EQ(m_.cpu().Run(0).kind, Kind::kSyscall);
}

TEST_F(X86PortTest, TheTimeStampIsTheClocks) {
  uint64_t now = 0x123456789a;
  m_.cpu().set_clock([&] { return now++; });
  EXPECT_EQ(Run({x64::kRdtsc, x64::kSyscall}).kind, Kind::kSyscall);
  EXPECT_EQ(Rax(), 0x3456789au);
  EXPECT_EQ(m_.X86().gpr[x86::kRdx], 0x12u);
  EXPECT_EQ(now, 0x123456789bu);
}

TEST_F(X86PortTest, TheHostsRandomnessCannotBeHad) {
  EXPECT_EQ(Run({x64::kRdrandRax}).kind, Kind::kUndefined);
  EXPECT_EQ(Run({x64::kRdseedRax}).kind, Kind::kUndefined);
}

TEST_F(X86PortTest, HwcapIsWhatCpuidSays) {
  m_.SetX86(x86::kRax, 1);
  EXPECT_EQ(Run({x64::kCpuid, x64::kSyscall}).kind, Kind::kSyscall);
  EXPECT_EQ(m_.X86().gpr[x86::kRdx], x86::kHwcap);
  EXPECT_EQ(m_.X86().gpr[x86::kRcx] >> 26 & 3, 0u)
      << "XSAVE, OSXSAVE: the signal frame has no extended state";
}

TEST_F(X86PortTest, UserAddressesAreTheLowHalf) {
  const X86Port port(x86::OpsFor(x86::Paging::k4Level));
  EXPECT_FALSE(port.IsKernelAddress(0x7fff'ffff'f000));
  EXPECT_TRUE(port.IsKernelAddress(0xffff'8000'0000'0000));
  EXPECT_TRUE(port.IsCanonical(0x7fff'ffff'f000));
  EXPECT_FALSE(port.IsCanonical(0x8000'0000'0000));
  EXPECT_FALSE(port.IsCanonical(0xffff'7fff'ffff'f000));
  EXPECT_TRUE(port.IsCanonical(0xffff'8000'0000'0000));
}

}  // namespace
}  // namespace faultline::engine
