#include "arch_x86/signal_frame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#ifdef __x86_64__
#include <sys/ucontext.h>
#endif

#include <cstring>
#include <map>

#include "arch_x86/signal_frame_layout.h"

namespace faultline::x86 {
namespace {

#ifdef __x86_64__
// The C library's view of the same structures.
static_assert(offsetof(UContext, stack) == offsetof(ucontext_t, uc_stack));
static_assert(offsetof(UContext, mcontext) ==
              offsetof(ucontext_t, uc_mcontext));
static_assert(offsetof(UContext, sigmask) == offsetof(ucontext_t, uc_sigmask));
static_assert(offsetof(SigContext, fpstate) == offsetof(mcontext_t, fpregs));
static_assert(offsetof(SigContext, r8) == REG_R8 * 8);
static_assert(offsetof(SigContext, di) == REG_RDI * 8);
static_assert(offsetof(SigContext, bx) == REG_RBX * 8);
static_assert(offsetof(SigContext, sp) == REG_RSP * 8);
static_assert(offsetof(SigContext, ip) == REG_RIP * 8);
static_assert(offsetof(SigContext, flags) == REG_EFL * 8);
static_assert(offsetof(SigContext, cs) == REG_CSGSFS * 8);
static_assert(offsetof(SigContext, err) == REG_ERR * 8);
static_assert(offsetof(SigContext, trapno) == REG_TRAPNO * 8);
static_assert(offsetof(SigContext, oldmask) == REG_OLDMASK * 8);
static_assert(offsetof(SigContext, cr2) == REG_CR2 * 8);
#endif

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
  for (size_t i = 0; i < r.gpr.size(); ++i) {
    r.gpr[i] = 0x1000 + i;
  }
  r.gpr[kRsp] = 0x7ffffffde0a8;
  r.rip = 0x401234;
  r.rflags = 0x246 | 0x400;  // direction flag set
  r.fs_base = 0x5000;
  r.fxsave[160] = 0xab;  // XMM0
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
  q.trap_number = 14;
  q.error_code = 6;
  q.cr2 = 0xdead000;
  return q;
}

TEST(SignalFrameTest, TheHandlerStartsAsIfCalledByTheRestorer) {
  const Registers r = SomeRegisters();
  const SignalFrame f = BuildSignalFrame(r, SomeRequest()).value();
  Memory m;
  m.Apply(f);
  const Registers& n = f.registers;
  EXPECT_EQ(n.rip, 0x402000u);
  EXPECT_EQ(n.gpr[kRdi], 11u);
  EXPECT_EQ(n.gpr[kRsi], n.gpr[kRsp] + 312);
  EXPECT_EQ(n.gpr[kRdx], n.gpr[kRsp] + 8);
  EXPECT_EQ(n.gpr[kRax], 0u);
  EXPECT_EQ((n.gpr[kRsp] + 8) % 16, 0u);
  EXPECT_LE(n.gpr[kRsp], r.gpr[kRsp] - 128 - 512 - 440);
  EXPECT_EQ(m.Word(n.gpr[kRsp]), 0x403000u);
  EXPECT_EQ(n.rflags, 0x246u);
  EXPECT_EQ(n.fs_base, r.fs_base);
  EXPECT_EQ(n.fxsave, InitialFxsave());
}

TEST(SignalFrameTest, TheContextIsWhereThePsabiSays) {
  const SignalFrame f =
      BuildSignalFrame(SomeRegisters(), SomeRequest()).value();
  Memory m;
  m.Apply(f);
  const uint64_t uc = f.registers.gpr[kRdx];
  EXPECT_EQ(m.Word(uc), 6u);                     // uc_flags
  EXPECT_EQ(m.Word(uc + 40), 0x1008u);           // r8
  EXPECT_EQ(m.Word(uc + 40 + 8 * 8), 0x1007u);   // rdi
  EXPECT_EQ(m.Word(uc + 40 + 13 * 8), 0x1000u);  // rax
  EXPECT_EQ(m.Word(uc + 40 + 15 * 8), 0x7ffffffde0a8u);
  EXPECT_EQ(m.Word(uc + 40 + 16 * 8), 0x401234u);
  EXPECT_EQ(m.Word(uc + 40 + 18 * 8), 0x002b000000000033u);
  EXPECT_EQ(m.Word(uc + 40 + 19 * 8), 6u);
  EXPECT_EQ(m.Word(uc + 40 + 20 * 8), 14u);
  EXPECT_EQ(m.Word(uc + 40 + 22 * 8), 0xdead000u);
  const uint64_t fp = m.Word(uc + 40 + 23 * 8);
  EXPECT_EQ(fp % 64, 0u);
  EXPECT_EQ(m.Word(fp + 160) & 0xff, 0xabu);
  EXPECT_EQ(m.Word(fp + 464) & 0xffffffff, 0x46505853u);
  EXPECT_EQ(m.Word(uc + 296), 0x55aau);
}

TEST(SignalFrameTest, SigreturnRestoresAllThatTheFrameHolds) {
  const Registers r = SomeRegisters();
  SignalRequest q = SomeRequest();
  q.alt_stack = {0x10000, 0, 0x8000};
  const SignalFrame f = BuildSignalFrame(r, q).value();
  Memory m;
  m.Apply(f);
  Registers at_return = f.registers;
  at_return.gpr[kRsp] += 8;  // the handler's ret
  at_return.gpr[kRbx] = 99;
  at_return.rflags = 0x202;
  const auto back = ParseSignalFrame(
      at_return,
      [&](uint64_t a, absl::Span<std::byte> out) { return m.Read(a, out); });
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->registers.gpr, r.gpr);
  EXPECT_EQ(back->registers.rip, r.rip);
  EXPECT_EQ(back->registers.rflags, r.rflags);
  EXPECT_EQ(back->registers.fxsave[160], 0xab);
  EXPECT_EQ(back->mask, 0x55aau);
  EXPECT_EQ(back->alt_stack.base, 0x10000u);
  EXPECT_EQ(back->alt_stack.flags, 0u);
  EXPECT_EQ(back->alt_stack.size, 0x8000u);
}

TEST(SignalFrameTest, SigreturnCannotChangePrivilegedFlags) {
  SignalFrame f = BuildSignalFrame(SomeRegisters(), SomeRequest()).value();
  const uint64_t evil = 0x3000 | 0x20000;  // IOPL 3, VM; and IF off
  std::memcpy(&f.memory[0].bytes[8 + 40 + 17 * 8], &evil, sizeof evil);
  Memory m;
  m.Apply(f);
  Registers at_return = f.registers;
  at_return.gpr[kRsp] += 8;
  at_return.rflags = 0x202;
  const auto back = ParseSignalFrame(
      at_return,
      [&](uint64_t a, absl::Span<std::byte> out) { return m.Read(a, out); });
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->registers.rflags, 0x202u);
}

TEST(SignalFrameTest, ANullFpstateMeansTheInitialState) {
  SignalFrame f = BuildSignalFrame(SomeRegisters(), SomeRequest()).value();
  std::memset(&f.memory[0].bytes[8 + 40 + 23 * 8], 0, 8);
  Memory m;
  m.Apply(f);
  Registers at_return = f.registers;
  at_return.gpr[kRsp] += 8;
  at_return.fxsave[160] = 1;
  const auto back = ParseSignalFrame(
      at_return,
      [&](uint64_t a, absl::Span<std::byte> out) { return m.Read(a, out); });
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->registers.fxsave, InitialFxsave());
}

TEST(SignalFrameTest, AnUnreadableFrameIsEfault) {
  const auto back = ParseSignalFrame(
      SomeRegisters(), [](uint64_t, absl::Span<std::byte>) { return false; });
  EXPECT_EQ(back.error(), Errno::kEFAULT);
}

TEST(SignalFrameTest, WithoutARestorerThereIsNoFrame) {
  SignalRequest q = SomeRequest();
  q.restorer = 0;
  EXPECT_EQ(BuildSignalFrame(SomeRegisters(), q).error(), Errno::kEFAULT);
}

TEST(SignalFrameTest, ItStartsAtTheTopOfTheAlternateStack) {
  SignalRequest q = SomeRequest();
  q.switch_stack = true;
  q.alt_stack = {0x10000, 0, 0x8000};
  const SignalFrame f = BuildSignalFrame(SomeRegisters(), q).value();
  EXPECT_EQ(f.memory[1].address, 0x18000u - 512);
  EXPECT_EQ(f.registers.gpr[kRsp], 0x18000u - 512 - 448 - 8);
}

TEST(SignalFrameTest, AnAlternateStackTooSmallIsEfault) {
  SignalRequest q = SomeRequest();
  q.switch_stack = true;
  q.alt_stack = {0x10000, 0, 900};
  EXPECT_EQ(BuildSignalFrame(SomeRegisters(), q).error(), Errno::kEFAULT);
  q.alt_stack.size = kMinSignalStack;
  EXPECT_TRUE(BuildSignalFrame(SomeRegisters(), q).ok());
  // Already on it, and near its end.
  q.switch_stack = false;
  Registers r = SomeRegisters();
  r.gpr[kRsp] = 0x10000 + 300;
  EXPECT_EQ(BuildSignalFrame(r, q).error(), Errno::kEFAULT);
}

TEST(SignalFrameTest, WithoutSaSiginfoTheInfoIsNotWritten) {
  SignalRequest q = SomeRequest();
  q.siginfo = false;
  const SignalFrame f = BuildSignalFrame(SomeRegisters(), q).value();
  EXPECT_EQ(f.memory[0].bytes.size(), 312u);
  EXPECT_EQ(f.registers.gpr[kRsi], f.registers.gpr[kRsp] + 312);
}

}  // namespace
}  // namespace faultline::x86
