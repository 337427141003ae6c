#include "plugin/engine/x86_fpu.h"

#include <gtest/gtest.h>

#include <cstring>

#include "arch_x86/registers.h"
#include "tests/plugin/engine/test_insns.h"
#include "tests/plugin/engine/test_machine.h"

namespace faultline::engine {
namespace {

constexpr uint64_t kCode = TestMachine::kCode;
constexpr uint64_t kData = TestMachine::kData;

class X86FpuTest : public testing::Test {
 protected:
  // Runs `code` with rdi at data, then syscall.
  void Run(const x64::Bytes& code) {
    m_.Load(x64::Cat({code, x64::kSyscall}));
    m_.SetPointer(kData);
    ASSERT_EQ(m_.RunAt(kCode).kind, Trap::Kind::kSyscall);
  }
  TestMachine m_{Arch::kX86};
};

TEST_F(X86FpuTest, ANewTaskHasTheInitialState) {
  EXPECT_EQ(m_.X86().fxsave, x86::InitialFxsave());
}

TEST_F(X86FpuTest, TheAreaIsWhatFxsaveWrites) {
  m_.Map(kData, mm::Prot::RW());
  Run({0xd9, 0xe8,                // fld1
       0xd9, 0xeb,                // fldpi
       0xde, 0xc1,                // faddp: one register in use
       0xd9, 0xe8,                // fld1
       0x66, 0x0f, 0xef, 0xc9,    // pxor %xmm1, %xmm1
       0x66, 0x0f, 0x76, 0xc0,    // pcmpeqd %xmm0, %xmm0
       0x48, 0x0f, 0xae, 0x07});  // fxsave64 (%rdi)
  x86::FxsaveArea by_guest;
  std::memcpy(by_guest.data(), m_.phys().Data(m_.EntryAt(kData).pfn()), 512);
  const x86::FxsaveArea ours = m_.X86().fxsave;
  // Up to the XMM registers, less the instruction and operand pointers, which
  // the engine keeps for FXSAVE in its own way.
  for (const auto& [begin, end] : {std::pair{0, 6}, {24, 416}}) {
    for (int i = begin; i < end; ++i) {
      EXPECT_EQ(ours[size_t(i)], by_guest[size_t(i)]) << "byte " << i;
    }
  }
}

TEST_F(X86FpuTest, AnAreaWrittenIsRead) {
  x86::Registers r = m_.X86();
  r.fxsave[2] = 0x00;
  r.fxsave[3] = 0x30;   // top of stack 6
  r.fxsave[4] = 0xc0;   // registers 6 and 7 in use
  r.fxsave[25] = 0x5f;  // MXCSR: round down
  for (size_t i = 0; i < 10; ++i) {
    r.fxsave[32 + i] = uint8_t(i + 1);       // ST0
    r.fxsave[32 + 16 + i] = uint8_t(i + 2);  // ST1
  }
  for (size_t i = 160; i < 416; ++i) {
    r.fxsave[i] = uint8_t(i);
  }
  m_.cpu().WriteRegisters(r);
  EXPECT_EQ(m_.X86().fxsave, r.fxsave);
}

TEST_F(X86FpuTest, ReservedMxcsrBitsAreDropped) {
  x86::Registers r = m_.X86();
  r.fxsave[27] = 0xff;
  m_.cpu().WriteRegisters(r);
  EXPECT_EQ(m_.X86().fxsave[27], 0);
}

}  // namespace
}  // namespace faultline::engine
