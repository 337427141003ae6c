// Guests that write code, each in the way of some just-in-time compiler.

#include "plugin/engine/cpu.h"
#include "tests/plugin/engine/test_machine.h"

#include <gtest/gtest.h>

#include <cstring>

#include "tests/plugin/engine/test_insns.h"

namespace faultline::engine {
namespace {

using mm::Prot;
using Kind = Trap::Kind;
constexpr uint64_t kCode = TestMachine::kCode;  // the writer
constexpr uint64_t kJit = TestMachine::kData;   // where code is made
constexpr uint64_t kAlias = kJit + 0x100000;    // the same frame elsewhere

class CodeCoherenceTest : public testing::TestWithParam<Arch> {
 protected:
  CodeCoherenceTest() { m_.Load(m_.kStoreLoadProgram); }

  // The guest stores ReturnProgram(n) at `va`.
  Trap Write(uint64_t va, uint8_t n) {
    uint64_t word = 0;
    const TestMachine::Program p = m_.ReturnProgram(n);
    std::memcpy(&word, p.data(), p.size());
    m_.SetPointer(va);
    m_.SetValue(word);
    return m_.RunAt(kCode);
  }
  uint64_t Call(uint64_t va) {
    EXPECT_EQ(m_.RunAt(va).kind, Kind::kSyscall);
    return m_.Value();
  }
  void Protect(uint64_t va, Prot prot) {
    m_.MapFrame(m_.space(), va, m_.EntryAt(va).pfn(), m_.Flags(prot));
    m_.Flush(va);
  }

  TestMachine m_{GetParam()};
};
INSTANTIATE_TEST_SUITE_P(BothArchitectures, CodeCoherenceTest,
                         testing::Values(Arch::kX86, Arch::kArm64), ArchName);

TEST_P(CodeCoherenceTest, APageWritableAndExecutableAtOnce) {
  m_.Map(kJit, Prot::RWX());
  for (uint8_t n = 1; n <= 4; ++n) {
    EXPECT_EQ(Write(kJit, n).kind, Kind::kSyscall);
    EXPECT_EQ(Call(kJit), n);
    EXPECT_EQ(Write(kJit + 0x800, n).kind, Kind::kSyscall);
    EXPECT_EQ(Call(kJit + 0x800), n);
  }
}

TEST_P(CodeCoherenceTest, APageProtectedBackAndForth) {
  m_.Map(kJit, Prot::RW());
  for (uint8_t n = 1; n <= 4; ++n) {
    Protect(kJit, Prot::RW());
    // Two places: the engine looks at the first store only.
    EXPECT_EQ(Write(kJit, n).kind, Kind::kSyscall);
    EXPECT_EQ(Write(kJit + 0x800, n).kind, Kind::kSyscall);
    Protect(kJit, Prot::RX());
    EXPECT_EQ(Call(kJit), n);
    EXPECT_EQ(Call(kJit + 0x800), n);
  }
}

TEST_P(CodeCoherenceTest, AFrameWritableHereAndExecutableThere) {
  const mm::Pfn frame = m_.Map(kJit, Prot::RX());
  m_.MapFrame(m_.space(), kAlias, frame, m_.Flags(Prot::RW()));
  m_.phys().frame(frame).mapcount = 2;
  for (uint8_t n = 1; n <= 4; ++n) {
    EXPECT_EQ(Write(kAlias, n).kind, Kind::kSyscall);
    EXPECT_EQ(Write(kAlias + 0x800, n).kind, Kind::kSyscall);
    EXPECT_EQ(Call(kJit), n);
    EXPECT_EQ(Call(kJit + 0x800), n);
    EXPECT_EQ(m_.RunAt(kAlias).kind, Kind::kPageFault) << "never executable";
  }
  m_.phys().frame(frame).mapcount = 0;
}

TEST_P(CodeCoherenceTest, ATaggedPointerWritesCode) {
  if (GetParam() != Arch::kArm64) {
    GTEST_SKIP() << "no tags";
  }
  m_.Map(kJit, Prot::RWX());
  const uint64_t tagged = kJit | uint64_t{0x0b} << 56;
  for (uint8_t n = 1; n <= 4; ++n) {
    EXPECT_EQ(Write(tagged, n).kind, Kind::kSyscall);
    EXPECT_EQ(Write(tagged + 0x800, n).kind, Kind::kSyscall);
    EXPECT_EQ(Call(kJit), n);
    EXPECT_EQ(Call(kJit + 0x800), n);
  }
}

TEST_P(CodeCoherenceTest, LoadingFromADirtyPageDoesNotHideLaterStores) {
  m_.Map(kJit, Prot::RWX());
  for (uint8_t n = 1; n <= 3; ++n) {
    Write(kJit, n);
    EXPECT_EQ(Call(kJit), n);
    m_.SetPointer(kJit);
    m_.Flush(kJit);
    EXPECT_EQ(m_.RunAt(kCode + m_.store_bytes()).kind, Kind::kSyscall);
  }
}

// Each round of the loop rewrites the operand of its own next instruction:
//   1: mov %dl, 4(%rdi); mov $imm, %eax; add %eax, %ebx; inc %dl;
//      dec %ecx; jnz 1b; syscall
const TestMachine::Program kSelfModifying = {
    0x88, 0x57, 0x04, 0xb8, 0,    0,    0,    0,    0x01,
    0xc3, 0xfe, 0xc2, 0xff, 0xc9, 0x75, 0xf0, 0x0f, 0x05};

TEST(SelfModifyingTest, ALoopMayRewriteItself) {
  TestMachine m(Arch::kX86);
  m.Map(kJit, Prot::RWX());
  m.Poke(kJit, kSelfModifying);
  m.SetPointer(kJit);
  m.SetValue(1);
  m.SetCounter(10);
  EXPECT_EQ(m.RunAt(kJit).kind, Kind::kSyscall);
  EXPECT_EQ(m.X86().gpr[x86::kRbx], 55u);
}

TEST(SelfModifyingTest, EvenThroughAnotherMappingOfItsOwnPage) {
  TestMachine m(Arch::kX86);
  const mm::Pfn frame = m.Map(kJit, Prot::RX());
  m.MapFrame(m.space(), kAlias, frame, m.Flags(Prot::RW()));
  m.phys().frame(frame).mapcount = 2;
  m.Poke(kJit, kSelfModifying);
  m.SetPointer(kAlias);
  m.SetValue(1);
  m.SetCounter(10);
  EXPECT_EQ(m.RunAt(kJit).kind, Kind::kSyscall);
  EXPECT_EQ(m.X86().gpr[x86::kRbx], 55u);
  m.phys().frame(frame).mapcount = 0;
}

}  // namespace
}  // namespace faultline::engine
