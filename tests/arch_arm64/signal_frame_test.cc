#include "arch_arm64/signal_frame.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>

#include "arch_arm64/signal_frame_layout.h"

namespace faultline::arm64 {
namespace {

// Offsets from the start of the frame, as a C program for arm64 sees them.
constexpr uint64_t kUc = 128, kStack = kUc + 16, kSigmask = kUc + 40,
                   kMcontext = kUc + 176, kRecords = kMcontext + 288;

// User memory, as far as written.
class Memory {
 public:
  void Apply(const SignalFrame& f) {
    for (const UserBytes& chunk : f.memory) {
      for (size_t i = 0; i < chunk.bytes.size(); ++i) {
        bytes_[chunk.address + i] = chunk.bytes[i];
      }
    }
  }
  void Set64(uint64_t at, uint64_t v) {
    for (size_t i = 0; i < 8; ++i) {
      bytes_[at + i] = std::byte(v >> (8 * i));
    }
  }
  bool Read(uint64_t at, absl::Span<std::byte> out) const {
    for (size_t i = 0; i < out.size(); ++i) {
      const auto it = bytes_.find(at + i);
      if (it == bytes_.end()) {
        return false;
      }
      out[i] = it->second;
    }
    return true;
  }
  uint64_t Word(uint64_t at) const {
    uint64_t v = 0;
    EXPECT_TRUE(
        Read(at, absl::MakeSpan(reinterpret_cast<std::byte*>(&v), sizeof v)));
    return v;
  }

 private:
  std::map<uint64_t, std::byte> bytes_;
};

Registers SomeRegisters() {
  Registers r;
  for (size_t i = 0; i < r.x.size(); ++i) {
    r.x[i] = 0x1000 + i;
  }
  r.sp = 0xfffffffff350;
  r.pc = 0x401234;
  r.pstate = 0x60000000;
  r.tpidr_el0 = 0x5000;
  r.v[3] = {0x33, 0x44};
  r.fpcr = 0x01000000;
  r.fpsr = 0x10;
  return r;
}

SignalRequest SomeRequest() {
  SignalRequest q;
  q.signo = 11;
  q.handler = 0x402000;
  q.restorer = 0x403000;
  q.siginfo = true;
  q.info[0] = std::byte{11};
  q.mask = 0x55aa;
  q.fault_address = 0xdead000;
  q.esr = 0x92000046;
  return q;
}

ErrnoOr<SignalReturn> Parse(const Registers& r, const Memory& m) {
  return ParseSignalFrame(
      r, [&](uint64_t a, absl::Span<std::byte> out) { return m.Read(a, out); });
}

TEST(SignalFrameTest, TheHandlerStartsWithItsArgumentsAndAFrameRecord) {
  const Registers r = SomeRegisters();
  const SignalFrame f = BuildSignalFrame(r, SomeRequest()).value();
  Memory m;
  m.Apply(f);
  const Registers& n = f.registers;
  EXPECT_EQ(n.pc, 0x402000u);
  EXPECT_EQ(n.x[0], 11u);
  EXPECT_EQ(n.sp, r.sp - 16 - 4688);
  EXPECT_EQ(n.x[1], n.sp);
  EXPECT_EQ(n.x[2], n.sp + kUc);
  EXPECT_EQ(n.x[30], 0x403000u);
  EXPECT_EQ(n.x[29], n.sp + 4688);
  EXPECT_EQ(m.Word(n.x[29]), r.x[29]);
  EXPECT_EQ(m.Word(n.x[29] + 8), r.x[30]);
  EXPECT_EQ(n.v[3], r.v[3]) << "a handler inherits the vector registers";
}

TEST(SignalFrameTest, TheRecordsAreWhereUserSpaceLooks) {
  const Registers r = SomeRegisters();
  const SignalFrame f = BuildSignalFrame(r, SomeRequest()).value();
  Memory m;
  m.Apply(f);
  const uint64_t at = f.registers.sp;
  EXPECT_EQ(m.Word(at + kSigmask), 0x55aau);
  EXPECT_EQ(m.Word(at + kMcontext), 0xdead000u);
  EXPECT_EQ(m.Word(at + kMcontext + 8 + 30 * 8), r.x[30]);
  EXPECT_EQ(m.Word(at + kMcontext + 256), r.sp);
  EXPECT_EQ(m.Word(at + kMcontext + 264), r.pc);
  EXPECT_EQ(m.Word(at + kMcontext + 272), r.pstate);
  EXPECT_EQ(m.Word(at + kRecords), 528ull << 32 | 0x46508001);
  EXPECT_EQ(m.Word(at + kRecords + 8), 0x01000000ull << 32 | 0x10);
  EXPECT_EQ(m.Word(at + kRecords + 16 + 3 * 16 + 8), 0x44u);
  EXPECT_EQ(m.Word(at + kRecords + 528), 16ull << 32 | 0x45535201);
  EXPECT_EQ(m.Word(at + kRecords + 536), 0x92000046u);
  EXPECT_EQ(m.Word(at + kRecords + 544), 0u);
}

TEST(SignalFrameTest, WithoutAFaultThereIsNoEsrRecord) {
  SignalRequest q = SomeRequest();
  q.esr = 0;
  const SignalFrame f = BuildSignalFrame(SomeRegisters(), q).value();
  Memory m;
  m.Apply(f);
  EXPECT_EQ(m.Word(f.registers.sp + kRecords + 528), 0u);
}

TEST(SignalFrameTest, SigreturnRestoresAllThatTheFrameHolds) {
  const Registers r = SomeRegisters();
  SignalRequest q = SomeRequest();
  q.alt_stack = {0x10000, 0, 0x8000};
  const SignalFrame f = BuildSignalFrame(r, q).value();
  Memory m;
  m.Apply(f);
  Registers at_return = f.registers;
  at_return.x[19] = 99;
  at_return.v[3] = {};
  const auto back = Parse(at_return, m);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->registers.x, r.x);
  EXPECT_EQ(back->registers.sp, r.sp);
  EXPECT_EQ(back->registers.pc, r.pc);
  EXPECT_EQ(back->registers.pstate, r.pstate);
  EXPECT_EQ(back->registers.v, r.v);
  EXPECT_EQ(back->registers.fpcr, r.fpcr);
  EXPECT_EQ(back->registers.fpsr, r.fpsr);
  EXPECT_EQ(back->mask, 0x55aau);
  EXPECT_EQ(back->alt_stack.base, 0x10000u);
  EXPECT_EQ(back->alt_stack.size, 0x8000u);
}

TEST(SignalFrameTest, WithoutSaSiginfoInfoAndArgumentsAreLeftAlone) {
  SignalRequest q = SomeRequest();
  q.siginfo = false;
  const Registers r = SomeRegisters();
  const SignalFrame f = BuildSignalFrame(r, q).value();
  EXPECT_EQ(f.registers.x[1], r.x[1]);
  EXPECT_EQ(f.registers.x[2], r.x[2]);
  EXPECT_EQ(f.memory[0].address, f.registers.sp + kUc);
}

TEST(SignalFrameTest, ItStartsAtTheTopOfTheAlternateStack) {
  SignalRequest q = SomeRequest();
  q.switch_stack = true;
  q.alt_stack = {0x10000, 0, 0x8000};
  EXPECT_EQ(BuildSignalFrame(SomeRegisters(), q).value().registers.sp,
            0x18000u - 16 - 4688);
}

class BadFrameTest : public testing::Test {
 protected:
  BadFrameTest() {
    const SignalFrame f =
        BuildSignalFrame(SomeRegisters(), SomeRequest()).value();
    memory_.Apply(f);
    registers_ = f.registers;
  }
  Errno Result() { return Parse(registers_, memory_).error(); }
  uint64_t at() const { return registers_.sp; }

  Memory memory_;
  Registers registers_;
};

TEST_F(BadFrameTest, AMisalignedStackPointerIsEfault) {
  registers_.sp += 8;
  EXPECT_EQ(Result(), Errno::kEFAULT);
}

TEST_F(BadFrameTest, AnUnmappedFrameIsEfault) {
  registers_.sp = 0x100;
  EXPECT_EQ(Result(), Errno::kEFAULT);
}

TEST_F(BadFrameTest, APstateOfAnotherExceptionLevelIsEfault) {
  memory_.Set64(at() + kMcontext + 272, 0x5);  // EL1h
  EXPECT_EQ(Result(), Errno::kEFAULT);
  memory_.Set64(at() + kMcontext + 272, 0x80);  // interrupts masked
  EXPECT_EQ(Result(), Errno::kEFAULT);
}

TEST_F(BadFrameTest, AMissingFloatingPointRecordIsEfault) {
  memory_.Set64(at() + kRecords, 0);
  EXPECT_EQ(Result(), Errno::kEFAULT);
}

TEST_F(BadFrameTest, AnUnknownRecordIsEfault) {
  memory_.Set64(at() + kRecords + 528, 16ull << 32 | 0x12345678);
  EXPECT_EQ(Result(), Errno::kEFAULT);
}

TEST_F(BadFrameTest, ARecordThatRunsOverTheEndIsEfault) {
  memory_.Set64(at() + kRecords + 528, 4096ull << 32 | kEsrMagic);
  EXPECT_EQ(Result(), Errno::kEFAULT);
}

TEST_F(BadFrameTest, ARecordOfSizeZeroIsEfault) {
  memory_.Set64(at() + kRecords + 528, kEsrMagic);
  EXPECT_EQ(Result(), Errno::kEFAULT);
}

}  // namespace
}  // namespace faultline::arm64
