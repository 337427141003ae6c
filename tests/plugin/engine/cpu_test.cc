#include "plugin/engine/cpu.h"

#include <gtest/gtest.h>

#include "tests/plugin/engine/test_insns.h"
#include "tests/plugin/engine/test_machine.h"

namespace faultline::engine {
namespace {

using mm::Prot;
using Kind = Trap::Kind;
constexpr uint64_t kCode = TestMachine::kCode;
constexpr uint64_t kData = TestMachine::kData;

class CpuTest : public testing::TestWithParam<Arch> {
 protected:
  TestMachine m_{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(BothArchitectures, CpuTest,
                         testing::Values(Arch::kX86, Arch::kArm64), ArchName);

TEST_P(CpuTest, ASystemCallTellsNumberAndArgumentsAndTakesAResult) {
  m_.Load(m_.kCallProgram);
  RegisterFile regs = m_.cpu().ReadRegisters();
  if (auto* x = std::get_if<x86::Registers>(&regs)) {
    x->gpr[x86::kRax] = 9;
    x->gpr[x86::kRdi] = 1;
    x->gpr[x86::kRsi] = 2;
    x->gpr[x86::kRdx] = 3;
    x->gpr[x86::kR10] = 4;
    x->gpr[x86::kR8] = 5;
    x->gpr[x86::kR9] = 6;
  } else {
    auto& a = std::get<arm64::Registers>(regs);
    a.x[8] = 9;
    for (size_t i = 0; i < 6; ++i) {
      a.x[i] = i + 1;
    }
  }
  m_.cpu().WriteRegisters(regs);
  EXPECT_EQ(m_.RunAt(kCode).kind, Kind::kSyscall);
  const Cpu::SyscallRegs call = m_.cpu().ReadSyscall();
  EXPECT_EQ(call.number, 9u);
  for (uint64_t i = 0; i < 6; ++i) {
    EXPECT_EQ(call.args[i], i + 1);
  }
  m_.cpu().WriteSyscallResult(77);
  if (GetParam() == Arch::kX86) {
    EXPECT_EQ(m_.X86().gpr[x86::kRax], 77u);
    EXPECT_EQ(m_.X86().gpr[x86::kRcx], m_.cpu().pc()) << "as SYSCALL does";
    EXPECT_EQ(m_.X86().gpr[x86::kR11], m_.X86().rflags);
  } else {
    EXPECT_EQ(m_.Arm64().x[0], 77u);
  }
}

TEST_P(CpuTest, AContextHoldsATasksRegisters) {
  auto other = m_.cpu().NewContext();
  m_.cpu().set_pc(0x1111);
  m_.cpu().set_sp(0x2222);
  m_.cpu().set_thread_pointer(0x3333);
  m_.cpu().SwitchTo(&m_.space(), other.get());
  EXPECT_EQ(m_.cpu().pc(), 0u);
  EXPECT_EQ(m_.cpu().sp(), 0u);
  EXPECT_EQ(m_.cpu().thread_pointer(), 0u);
  m_.cpu().SwitchTo(&m_.space(), &m_.context());
  EXPECT_EQ(m_.cpu().pc(), 0x1111u);
  EXPECT_EQ(m_.cpu().sp(), 0x2222u);
  EXPECT_EQ(m_.cpu().thread_pointer(), 0x3333u);
}

TEST_P(CpuTest, AContextCanBeCopiedLoadedOrNot) {
  m_.cpu().set_sp(0x2222);
  auto of_loaded = m_.cpu().NewContext(&m_.context());
  m_.cpu().SwitchTo(&m_.space(), of_loaded.get());
  EXPECT_EQ(m_.cpu().sp(), 0x2222u);
  m_.cpu().set_sp(0x4444);
  auto of_unloaded = m_.cpu().NewContext(&m_.context());
  EXPECT_EQ(m_.cpu().sp(), 0x4444u) << "the loaded one is left alone";
  m_.cpu().SwitchTo(&m_.space(), of_unloaded.get());
  EXPECT_EQ(m_.cpu().sp(), 0x2222u);
}

TEST_P(CpuTest, ALoadedContextMayGoAway) {
  auto other = m_.cpu().NewContext();
  m_.cpu().SwitchTo(&m_.space(), other.get());
  other.reset();
  m_.cpu().SwitchTo(&m_.space(), &m_.context());
  m_.Load(m_.kCallProgram);
  EXPECT_EQ(m_.RunAt(kCode).kind, Kind::kSyscall);
}

TEST_P(CpuTest, EveryContextRunsInUserMode) {
  auto fresh = m_.cpu().NewContext();
  auto copy = m_.cpu().NewContext(fresh.get());
  m_.Load(m_.kPrivilegedProgram);
  for (CpuContext* c : {fresh.get(), copy.get(), &m_.context()}) {
    m_.cpu().SwitchTo(&m_.space(), c);
    EXPECT_NE(m_.RunAt(kCode).kind, Kind::kSyscall);
    EXPECT_EQ(m_.cpu().pc(), kCode);
  }
}

TEST_P(CpuTest, AnAddressSpaceSeesItsOwnPages) {
  mm::AddressSpace& other = m_.AddSpace();
  m_.Load(m_.kStoreLoadProgram);
  m_.Map(kData, Prot::RW());
  const mm::Entry code = m_.EntryAt(kCode);
  m_.MapFrame(other, kCode, code.pfn(), code.flags);
  m_.Map(other, kData, Prot::RW());
  m_.SetPointer(kData);
  m_.SetValue(1);
  EXPECT_EQ(m_.RunAt(kCode).kind, Kind::kSyscall);
  m_.cpu().SwitchTo(&other, &m_.context());
  m_.SetValue(2);
  EXPECT_EQ(m_.RunAt(kCode).kind, Kind::kSyscall);
  EXPECT_EQ(m_.Peek64(kData), 1u);
  m_.cpu().SwitchTo(&m_.space(), &m_.context());
  m_.SetPointer(kData);
  EXPECT_EQ(m_.RunAt(kCode + m_.store_bytes()).kind, Kind::kSyscall);
  EXPECT_EQ(m_.Loaded(), 1u);
}

TEST_P(CpuTest, WithoutAnAddressSpaceEverythingFaults) {
  m_.Load(m_.kCallProgram);
  m_.cpu().SwitchTo(nullptr, &m_.context());
  const Trap t = m_.RunAt(kCode);
  EXPECT_EQ(t.kind, Kind::kPageFault);
  EXPECT_EQ(t.access, mm::Access::kExec);
}

TEST_P(CpuTest, AMachineTooSmallForTheKernelImageIsRefused) {
  auto phys = mm::PhysMem::Create(1 << 20, mm::kPageShift4K);
  ASSERT_TRUE(phys.ok());
  auto cpu = Cpu::Create(GetParam());
  ASSERT_TRUE(cpu.ok());
  EXPECT_TRUE((*cpu)->AttachMemory(**phys).ok()) << "1 MiB is enough";
}

TEST(CpuPagingTest, AnotherArchitecturesPageTablesAreRefused) {
  EXPECT_TRUE(Cpu::Create(Arch::kX86, Paging::kLa57).ok());
  EXPECT_TRUE(Cpu::Create(Arch::kArm64, Paging::kGranule16K).ok());
  EXPECT_TRUE(Cpu::Create(Arch::kArm64, Paging::kGranule64K).ok());
  for (const Paging p : {Paging::kGranule16K, Paging::kGranule64K}) {
    EXPECT_EQ(Cpu::Create(Arch::kX86, p).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(Cpu::Create(Arch::kArm64, Paging::kLa57).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace faultline::engine
