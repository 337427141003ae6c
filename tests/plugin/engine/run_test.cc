// Entering the engine and the traps that come out (run.cc).
// Covers: plugin/engine/hooks.cc plugin/engine/port.cc

#include <gtest/gtest.h>

#include "plugin/engine/cpu.h"
#include "tests/plugin/engine/test_machine.h"

namespace faultline::engine {
namespace {

using mm::Access;
using mm::GuestAddr;
using mm::Prot;
using Kind = Trap::Kind;
constexpr uint64_t kCode = TestMachine::kCode;
constexpr uint64_t kData = TestMachine::kData;

class RunTest : public testing::TestWithParam<Arch> {
 protected:
  TestMachine m_{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(BothArchitectures, RunTest,
                         testing::Values(Arch::kX86, Arch::kArm64), ArchName);

TEST_P(RunTest, ARefusedStoreStopsOnItsInstructionAndCanBeRestarted) {
  m_.Load(m_.kStoreLoadProgram);
  m_.SetPointer(kData + 0x128);
  m_.SetValue(7);
  Trap t = m_.RunAt(kCode);
  EXPECT_EQ(t.kind, Kind::kPageFault);
  EXPECT_EQ(t.access, Access::kWrite);
  EXPECT_EQ(t.mode, mm::Mode::kUser);
  EXPECT_EQ(t.address, GuestAddr(kData));
  EXPECT_FALSE(t.was_present);
  EXPECT_EQ(m_.cpu().pc(), kCode);

  m_.Map(kData, Prot::R());
  t = m_.cpu().Run(0);
  EXPECT_EQ(t.kind, Kind::kPageFault);
  EXPECT_TRUE(t.was_present);

  m_.Map(kData, Prot::RW());
  EXPECT_EQ(m_.cpu().Run(0).kind, Kind::kSyscall);
  EXPECT_EQ(m_.Peek64(kData + 0x128), 7u);
  EXPECT_EQ(m_.Loaded(), 7u);
}

TEST_P(RunTest, LocateFaultFindsTheByteAndDisturbsNothing) {
  m_.Load(m_.kStoreLoadProgram);
  m_.SetPointer(kData + 0x128);
  m_.SetValue(7);
  Trap t = m_.RunAt(kCode);
  EXPECT_EQ(m_.cpu().LocateFault(t), GuestAddr(kData + 0x128));
  EXPECT_EQ(m_.cpu().LocateFault(t), GuestAddr(kData + 0x128));
  EXPECT_EQ(m_.cpu().pc(), kCode);
  m_.Map(kData, Prot::R());
  t = m_.cpu().Run(0);
  EXPECT_EQ(m_.cpu().LocateFault(t), GuestAddr(kData + 0x128));
  m_.Map(kData, Prot::RW());
  EXPECT_EQ(m_.cpu().Run(0).kind, Kind::kSyscall);
  EXPECT_EQ(m_.Peek64(kData + 0x128), 7u);
}

TEST_P(RunTest, AnAccessAcrossPagesFaultsAtTheSecondOnesStart) {
  m_.Load(m_.kStoreLoadProgram);
  m_.Map(kData, Prot::RW());
  m_.SetPointer(kData + 0xffc);
  const Trap t = m_.RunAt(kCode);
  EXPECT_EQ(t.address, GuestAddr(kData + 0x1000));
  EXPECT_EQ(m_.cpu().LocateFault(t), GuestAddr(kData + 0x1000));
}

TEST_P(RunTest, AFetchFaultIsAtTheProgramCounter) {
  const Trap t = m_.RunAt(kCode + 0x128);
  EXPECT_EQ(t.kind, Kind::kPageFault);
  EXPECT_EQ(t.access, Access::kExec);
  EXPECT_EQ(t.address, GuestAddr(kCode));
  EXPECT_EQ(m_.cpu().LocateFault(t), GuestAddr(kCode + 0x128));
}

TEST_P(RunTest, APageThatMayNotExecuteIsPresentButRefused) {
  m_.Map(kCode, Prot::RW());
  const Trap t = m_.RunAt(kCode);
  EXPECT_EQ(t.kind, Kind::kPageFault);
  EXPECT_EQ(t.access, Access::kExec);
  EXPECT_TRUE(t.was_present);
}

TEST_P(RunTest, AUserMayNotTouchTheKernelsHalf) {
  m_.Load(m_.kStoreLoadProgram);
  for (const uint64_t va : {0xffffffff81000000, 0xffff800080000000,
                            0xffff888000000000, 0xffff000000000000}) {
    m_.SetPointer(va);
    const Trap t = m_.RunAt(kCode);
    EXPECT_TRUE(t.kind == Kind::kPageFault || t.kind == Kind::kProtection)
        << std::hex << va;
    EXPECT_EQ(m_.cpu().pc(), kCode);
  }
}

TEST_P(RunTest, ASliceEndsAfterItsBlocksAndTheResultIsTheSame) {
  m_.Load(m_.kLoopProgram);
  m_.SetCounter(999);
  m_.cpu().set_pc(kCode);
  uint64_t slices = 0, blocks = 0;
  for (;;) {
    const Trap t = m_.cpu().Run(7);
    blocks += m_.cpu().blocks_run();
    if (t.kind != Kind::kSlice) {
      EXPECT_EQ(t.kind, Kind::kSyscall);
      break;
    }
    EXPECT_EQ(m_.cpu().blocks_run(), 7u);
    ++slices;
    EXPECT_EQ(m_.Counter(), 999 - 7 * slices);
  }
  EXPECT_EQ(slices, 1000u / 7);
  EXPECT_EQ(blocks, 1000u);
}

TEST_P(RunTest, CountingCanBeginAndEndAtAnyTime) {
  m_.Load(m_.kLoopProgram);
  for (int round = 0; round < 3; ++round) {
    m_.SetCounter(100);
    EXPECT_EQ(m_.RunAt(kCode).kind, Kind::kSyscall);
    EXPECT_EQ(m_.cpu().blocks_run(), 0u);
    m_.SetCounter(100);
    EXPECT_EQ(m_.RunAt(kCode, 1'000'000).kind, Kind::kSyscall);
    EXPECT_EQ(m_.cpu().blocks_run(), 101u);
    // Long enough for the counting to be taken out again.
    for (int i = 0; i < 5000; ++i) {
      m_.SetCounter(1);
      m_.RunAt(kCode);
    }
  }
}

TEST_P(RunTest, ACounterSeesTheSameNumberInEveryRun) {
  uint64_t first = 0;
  for (int round = 0; round < 3; ++round) {
    TestMachine m(GetParam());
    m.Load(m.kStoreLoadProgram);
    m.SetPointer(kData);
    uint64_t blocks = 0;
    m.RunAt(kCode, 1000);
    blocks += m.cpu().blocks_run();
    m.Map(kData, Prot::RW());
    EXPECT_EQ(m.cpu().Run(1000).kind, Kind::kSyscall);
    blocks += m.cpu().blocks_run();
    if (round == 0) {
      first = blocks;
    }
    EXPECT_EQ(blocks, first);
  }
}

TEST_P(RunTest, RegistersSurviveATripThroughTheirFile) {
  RegisterFile regs = m_.cpu().ReadRegisters();
  if (auto* x = std::get_if<x86::Registers>(&regs)) {
    for (size_t i = 0; i < 16; ++i) {
      x->gpr[i] = 0x0123456789abcdef * (i + 1);
    }
    x->rip = kCode;
    x->rflags = 0x202 | 0x8d5 | 0x400 | 0x40000;
    x->fs_base = 0x7f0000001000;
    x->gs_base = 0x7f0000002000;
    m_.cpu().WriteRegisters(regs);
    const x86::Registers back = m_.X86();
    EXPECT_EQ(back.gpr, x->gpr);
    EXPECT_EQ(back.rip, x->rip);
    EXPECT_EQ(back.rflags, x->rflags);
    EXPECT_EQ(back.fs_base, x->fs_base);
    EXPECT_EQ(back.gs_base, x->gs_base);
  } else {
    auto& a = std::get<arm64::Registers>(regs);
    for (size_t i = 0; i < 31; ++i) {
      a.x[i] = 0x0123456789abcdef * (i + 1);
    }
    for (size_t i = 0; i < 32; ++i) {
      a.v[i] = {i + 1, ~i};
    }
    a.sp = 0x7f0000001000;
    a.pc = kCode;
    a.pstate = 0xa0000000;
    a.tpidr_el0 = 0x7f0000002000;
    a.fpcr = 1 << 24;
    a.fpsr = 1 << 27;
    m_.cpu().WriteRegisters(regs);
    const arm64::Registers back = m_.Arm64();
    EXPECT_EQ(back.x, a.x);
    EXPECT_EQ(back.v, a.v);
    EXPECT_EQ(back.sp, a.sp);
    EXPECT_EQ(back.pc, a.pc);
    EXPECT_EQ(back.pstate, a.pstate);
    EXPECT_EQ(back.tpidr_el0, a.tpidr_el0);
    EXPECT_EQ(back.fpcr, a.fpcr);
    EXPECT_EQ(back.fpsr, a.fpsr);
  }
}

TEST_P(RunTest, WritingRegistersCannotRaiseThePrivilege) {
  RegisterFile regs = m_.cpu().ReadRegisters();
  if (auto* x = std::get_if<x86::Registers>(&regs)) {
    x->rflags = ~uint64_t{0};
  } else {
    std::get<arm64::Registers>(regs).pstate = 0x3c5;  // EL1h
  }
  m_.cpu().WriteRegisters(regs);
  if (GetParam() == Arch::kX86) {
    EXPECT_EQ(m_.X86().rflags & 0x23000, 0u) << "IOPL and VM";
    EXPECT_EQ(m_.X86().rflags & 0x202, 0x202u);
    x86::Registers plain = m_.X86();
    plain.rflags = 0x202;  // no single step
    m_.cpu().WriteRegisters(plain);
  } else {
    EXPECT_EQ(m_.Arm64().pstate & 0x3cf, 0u);
  }
  m_.Load(m_.kPrivilegedProgram);
  EXPECT_NE(m_.RunAt(kCode).kind, Kind::kSyscall);
}

}  // namespace
}  // namespace faultline::engine
