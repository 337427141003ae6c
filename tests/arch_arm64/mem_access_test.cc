#include "arch_arm64/mem_access.h"

#include <gtest/gtest.h>

namespace faultline::arm64 {
namespace {

// X2 to X5 and the stack pointer are what the instructions below use.
uint64_t Reg(unsigned n) {
  switch (n) {
    case 2:
      return 0x0500'0000'0002'0000;
    case 3:
      return 0xffff'ffff'ffff'fff8;
    case 4:
      return 0x40000;
    case 5:
      return 0x50035;
    case 31:
      return 0xf000;
    default:
      return 0xdead;
  }
}
constexpr uint64_t kX2 = 0x0500'0000'0002'0000, kX3 = 0xffff'ffff'ffff'fff8;
constexpr uint64_t kSp = 0xf000;

struct Case {
  uint32_t insn;
  const char* text;
  uint64_t address;
  unsigned bytes;
  bool write, checked;
};

class MemAccessTest : public testing::TestWithParam<Case> {};

TEST_P(MemAccessTest, IsWhatTheInstructionDoes) {
  const Case& c = GetParam();
  const auto access = DecodeAccess(c.insn, Reg);
  ASSERT_TRUE(access.has_value()) << c.text;
  EXPECT_EQ(access->address, c.address) << c.text;
  EXPECT_EQ(access->bytes, c.bytes) << c.text;
  EXPECT_EQ(access->write, c.write) << c.text;
  EXPECT_EQ(access->tag_checked, c.checked) << c.text;
}

INSTANTIATE_TEST_SUITE_P(
    Single, MemAccessTest,
    testing::Values(
        Case{0xf9400441, "ldr x1, [x2, #8]", kX2 + 8, 8, false, true},
        Case{0xf94007e1, "ldr x1, [sp, #8]", kSp + 8, 8, false, false},
        Case{0xf84087e1, "ldr x1, [sp], #8", kSp, 8, false, true},
        Case{0xf85f8c41, "ldr x1, [x2, #-8]!", kX2 - 8, 8, false, true},
        Case{0xb8636841, "ldr w1, [x2, x3]", kX2 + kX3, 4, false, true},
        Case{0xf8635841, "ldr x1, [x2, w3, uxtw #3]",
             kX2 + (0xfffffff8ull << 3), 8, false, true},
        Case{0xf8636be1, "ldr x1, [sp, x3]", kSp - 8, 8, false, true},
        Case{0x3863c841, "ldrb w1, [x2, w3, sxtw]", kX2 - 8, 1, false, true},
        Case{0x79000441, "strh w1, [x2, #2]", kX2 + 2, 2, true, true},
        Case{0x381ff3e1, "sturb w1, [sp, #-1]", kSp - 1, 1, true, false},
        Case{0xf8500841, "ldtr x1, [x2, #-256]", kX2 - 256, 8, false, true},
        Case{0x38000841, "sttrb w1, [x2]", kX2, 1, true, true},
        Case{0x3d800841, "str q1, [x2, #32]", kX2 + 32, 16, true, true},
        Case{0x3d400c41, "ldr b1, [x2, #3]", kX2 + 3, 1, false, true},
        Case{0x3cdf0043, "ldur q3, [x2, #-16]", kX2 - 16, 16, false, true},
        Case{0xfc637841, "ldr d1, [x2, x3, lsl #3]", kX2 + (kX3 << 3), 8, false,
             true},
        Case{0xd95f8041, "ldapur x1, [x2, #-8]", kX2 - 8, 8, false, true},
        Case{0x190013e1, "stlurb w1, [sp, #1]", kSp + 1, 1, true, false},
        Case{0xf87ff441, "ldraa x1, [x2, #-8]", kX2 - 8, 8, false, true},
        Case{0xf8bfffe1, "ldrab x1, [sp, #4088]!", kSp + 4088, 8, false,
             true}));

INSTANTIATE_TEST_SUITE_P(
    Pairs, MemAccessTest,
    testing::Values(
        Case{0xa97f0861, "ldp x1, x2, [x3, #-16]", kX3 - 16, 16, false, true},
        Case{0x29010be1, "stp w1, w2, [sp, #8]", kSp + 8, 8, true, false},
        Case{0xa9bf0be1, "stp x1, x2, [sp, #-16]!", kSp - 16, 16, true, true},
        Case{0x68c10861, "ldpsw x1, x2, [x3], #8", kX3, 8, false, true},
        Case{0xad410861, "ldp q1, q2, [x3, #32]", kX3 + 32, 32, false, true},
        Case{0xa8010861, "stnp x1, x2, [x3, #16]", kX3 + 16, 16, true, true}));

INSTANTIATE_TEST_SUITE_P(
    Exclusives, MemAccessTest,
    testing::Values(
        Case{0xc85f7c41, "ldxr x1, [x2]", kX2, 8, false, true},
        Case{0xc8017c62, "stxr w1, x2, [x3]", kX3, 8, true, true},
        Case{0xc8210c82, "stxp w1, x2, x3, [x4]", 0x40000, 16, true, true},
        Case{0x887f8be1, "ldaxp w1, w2, [sp]", kSp, 8, false, false},
        Case{0x08dffc41, "ldarb w1, [x2]", kX2, 1, false, true},
        Case{0xc89fffe1, "stlr x1, [sp]", kSp, 8, true, false},
        Case{0x88a17c62, "cas w1, w2, [x3]", kX3, 4, true, true},
        Case{0x48207c82, "casp x0, x1, x2, x3, [x4]", 0x40000, 16, true, true},
        Case{0xf8210062, "ldadd x1, x2, [x3]", kX3, 8, true, true},
        Case{0x382183e2, "swpb w1, w2, [sp]", kSp, 1, true, false},
        Case{0xf8bfc041, "ldapr x1, [x2]", kX2, 8, false, true}));

INSTANTIATE_TEST_SUITE_P(
    Vectors, MemAccessTest,
    testing::Values(
        Case{0x4c40a040, "ld1 {v0.16b, v1.16b}, [x2]", kX2, 32, false, true},
        Case{0x0c9f03e0, "st4 {v0.8b-v3.8b}, [sp], #32", kSp, 32, true, true},
        Case{0x0d409040, "ld1 {v0.s}[1], [x2]", kX2, 4, false, true},
        Case{0x4dbf8440, "st2 {v0.d, v1.d}[1], [x2], #16", kX2, 16, true, true},
        Case{0x0d40e440, "ld3r {v0.4h-v2.4h}, [x2]", kX2, 6, false, true},
        Case{0xd50b7425, "dc zva, x5", 0x50000, 64, true, true}));

TEST(MemAccessTest, SomeHaveNoTagToCheckOrAccessNothing) {
  EXPECT_FALSE(DecodeAccess(0x58000001, Reg)->tag_checked) << "ldr x1, .";
  EXPECT_FALSE(DecodeAccess(0xf9800040, Reg).has_value()) << "prfm";
  EXPECT_FALSE(DecodeAccess(0x8b030041, Reg).has_value()) << "add";
}

}  // namespace
}  // namespace faultline::arm64
