// Covers: plugin/gdb/register_values.cc
#include "plugin/gdb/register_set.h"

#include <gtest/gtest.h>

namespace faultline::gdb {
namespace {

using engine::Arch;

size_t SizeOf(Arch arch) {
  const RegisterSlot last = RegisterSlots(arch).back();
  return last.offset + last.bytes;
}

TEST(RegisterSetTest, ThePacketIsAsLongAsTheDescriptionSays) {
  EXPECT_EQ(PackRegisters(x86::Registers(), {}).size(), SizeOf(Arch::kX86));
  EXPECT_EQ(PackRegisters(arm64::Registers(), {}).size(), SizeOf(Arch::kArm64));
}

TEST(RegisterSetTest, EveryDescribedRegisterHasASlot) {
  for (const Arch arch : {Arch::kX86, Arch::kArm64}) {
    const std::string xml = TargetDescription(arch);
    size_t count = 0;
    for (size_t at = 0; (at = xml.find("<reg ", at)) != std::string::npos;
         ++at) {
      ++count;
    }
    EXPECT_EQ(count, RegisterSlots(arch).size());
  }
}

TEST(RegisterSetTest, X86RegistersSurvive) {
  x86::Registers r;
  for (size_t i = 0; i < r.gpr.size(); ++i) {
    r.gpr[i] = 0x1111111111111111 * i;
  }
  r.rip = 0x401000;
  r.rflags = 0x246;
  r.fs_base = 0x7000;
  r.fxsave[32] = 0x80;       // ST0 has a mantissa,
  r.fxsave[32 + 7] = 0x80;   // normalised,
  r.fxsave[32 + 9] = 0x3f;   // and an exponent,
  r.fxsave[3] = 7 << 3;      // as physical register 7,
  r.fxsave[4] = 1 << 7;      // which is in use
  r.fxsave[160 + 5] = 0x55;  // XMM0
  const std::string bytes = PackRegisters(r, {.call = 60});
  const RegisterSlot ftag = RegisterSlots(Arch::kX86)[34];
  EXPECT_EQ(uint8_t(bytes[ftag.offset]), 0xff);
  EXPECT_EQ(uint8_t(bytes[ftag.offset + 1]), 0x3f);
  engine::RegisterFile back = x86::Registers();
  ASSERT_TRUE(UnpackRegisters(bytes, &back));
  const auto& b = std::get<x86::Registers>(back);
  EXPECT_EQ(b.gpr, r.gpr);
  EXPECT_EQ(b.rip, r.rip);
  EXPECT_EQ(b.rflags, r.rflags);
  EXPECT_EQ(b.fs_base, r.fs_base);
  EXPECT_EQ(b.fxsave, r.fxsave);
}

TEST(RegisterSetTest, Arm64RegistersSurvive) {
  arm64::Registers r;
  r.x[30] = 30;
  r.sp = 0x1000;
  r.pc = 0x2000;
  r.pstate = 1u << 30;
  r.v[31] = {1, 2};
  r.fpcr = 3;
  r.tpidr_el0 = 4;
  engine::RegisterFile back = arm64::Registers();
  ASSERT_TRUE(UnpackRegisters(PackRegisters(r, {.tag_control = 5}), &back));
  const auto& b = std::get<arm64::Registers>(back);
  EXPECT_EQ(b.x, r.x);
  EXPECT_EQ(b.sp, r.sp);
  EXPECT_EQ(b.pc, r.pc);
  EXPECT_EQ(b.pstate, r.pstate);
  EXPECT_EQ(b.v, r.v);
  EXPECT_EQ(b.fpcr, r.fpcr);
  EXPECT_EQ(b.tpidr_el0, r.tpidr_el0);
}

TEST(RegisterSetTest, TooFewBytesChangeNothing) {
  engine::RegisterFile regs = arm64::Registers();
  EXPECT_FALSE(UnpackRegisters("1234", &regs));
}

}  // namespace
}  // namespace faultline::gdb
