#include "arch_arm64/mte_insn.h"

#include <gtest/gtest.h>

namespace faultline::arm64 {
namespace {

using Kind = MteInsn::Kind;
using Index = MteInsn::Index;

MteInsn Decoded(uint32_t insn) {
  const auto i = DecodeMte(insn);
  EXPECT_TRUE(i.has_value()) << std::hex << insn;
  return i.value_or(MteInsn());
}

// Words as an assembler makes them.
TEST(MteInsnTest, Arithmetic) {
  const MteInsn irg = Decoded(0x9ac31041);  // irg x1, x2, x3
  EXPECT_EQ(irg.kind, Kind::kIrg);
  EXPECT_EQ(irg.d, 1);
  EXPECT_EQ(irg.n, 2);
  EXPECT_EQ(irg.m, 3);
  EXPECT_EQ(Decoded(0x9ac517e4).kind, Kind::kGmi);
  EXPECT_EQ(Decoded(0x9adf0041).kind, Kind::kSubp);
  EXPECT_EQ(Decoded(0xbac3005f).kind, Kind::kSubps);
  const MteInsn addg = Decoded(0x91bf3ce6);  // addg x6, x7, #1008, #15
  EXPECT_EQ(addg.kind, Kind::kAddg);
  EXPECT_EQ(addg.d, 6);
  EXPECT_EQ(addg.n, 7);
  EXPECT_EQ(addg.offset, 1008);
  EXPECT_EQ(addg.tag, 15);
  const MteInsn subg = Decoded(0xd181053f);  // subg sp, x9, #16, #1
  EXPECT_EQ(subg.kind, Kind::kSubg);
  EXPECT_EQ(subg.d, 31);
  EXPECT_EQ(subg.offset, 16);
  EXPECT_EQ(subg.tag, 1);
}

TEST(MteInsnTest, Memory) {
  const MteInsn ldg = Decoded(0xd9700041);  // ldg x1, [x2, #-4096]
  EXPECT_EQ(ldg.kind, Kind::kLdg);
  EXPECT_EQ(ldg.offset, -4096);
  struct Case {
    uint32_t insn;
    Index index;
    int64_t offset;
    uint8_t granules;
    bool zero;
  };
  for (const Case& c : {Case{0xd92ff841, Index::kNone, 4080, 1, false},
                        Case{0xd92017ff, Index::kPost, 16, 1, false},
                        Case{0xd97ffc83, Index::kPre, -16, 1, true},
                        Case{0xd9a008c5, Index::kNone, 0, 2, false},
                        Case{0xd9e02fe7, Index::kPre, 32, 2, true}}) {
    const MteInsn i = Decoded(c.insn);
    EXPECT_EQ(i.kind, Kind::kStg);
    EXPECT_EQ(i.index, c.index) << std::hex << c.insn;
    EXPECT_EQ(i.offset, c.offset) << std::hex << c.insn;
    EXPECT_EQ(i.granules, c.granules) << std::hex << c.insn;
    EXPECT_EQ(i.zero, c.zero) << std::hex << c.insn;
  }
  const MteInsn pair = Decoded(0x68a0087f);  // stgp xzr, x2, [x3], #-1024
  EXPECT_EQ(pair.kind, Kind::kStgp);
  EXPECT_EQ(pair.d, 31);
  EXPECT_EQ(pair.m, 2);
  EXPECT_EQ(pair.n, 3);
  EXPECT_EQ(pair.index, Index::kPost);
  EXPECT_EQ(pair.offset, -1024);
  EXPECT_EQ(Decoded(0x691f8861).offset, 1008);
  EXPECT_EQ(Decoded(0x69808be1).index, Index::kPre);
  EXPECT_EQ(Decoded(0xd50b7469).kind, Kind::kDcGva);
  EXPECT_EQ(Decoded(0xd50b748a).kind, Kind::kDcGzva);
}

TEST(MteInsnTest, WhatIsNotForUsersIsNotDecoded) {
  for (const uint32_t insn : {0xd9e00041u,     // ldgm
                              0xd9a00041u,     // stgm
                              0xd9200041u,     // stzgm
                              0xf9400441u,     // ldr x1, [x2, #8]
                              0xa9010861u,     // stp x1, x2, [x3, #16]
                              0x69410861u,     // ldpsw
                              0xd503201fu}) {  // nop
    EXPECT_FALSE(DecodeMte(insn).has_value()) << std::hex << insn;
    EXPECT_FALSE(DecodeTco(insn).has_value()) << std::hex << insn;
  }
}

TEST(MteInsnTest, Tco) {
  EXPECT_EQ(DecodeTco(0xd503419f)->kind, TcoInsn::Kind::kImmediate);
  EXPECT_EQ(DecodeTco(0xd503419f)->value, 1);
  EXPECT_EQ(DecodeTco(0xd51b42e3)->kind, TcoInsn::Kind::kWrite);
  EXPECT_EQ(DecodeTco(0xd51b42e3)->value, 3);
  EXPECT_EQ(DecodeTco(0xd53b42e4)->kind, TcoInsn::Kind::kRead);
}

TEST(MteInsnTest, TagsOfPointers) {
  EXPECT_EQ(TagOf(0xf50000000000'1234), 5);
  EXPECT_EQ(WithTag(0xf50000000000'1234, 0xa), 0xfa0000000000'1234u);
  EXPECT_EQ(WithoutTag(0xf5007fffffff'1234), 0x7fffffff'1234u);
  EXPECT_EQ(WithoutTag(0x00ff'8000'0000'0000), 0xffff'8000'0000'0000u);
}

TEST(MteInsnTest, TagsAreChosenAmongThoseAllowed) {
  EXPECT_EQ(ChooseTag(3, 0, 0), 3);
  EXPECT_EQ(ChooseTag(3, 0, 1 << 3), 4);
  EXPECT_EQ(ChooseTag(3, 2, 1 << 4), 6);
  EXPECT_EQ(ChooseTag(15, 1, 1), 1) << "around, past tag 0";
  EXPECT_EQ(ChooseTag(7, 5, 0xffff), 0) << "none is allowed";
  for (unsigned offset = 0; offset < 16; ++offset) {
    EXPECT_EQ(ChooseTag(0, offset, 0xfffb), 2);
  }
}

}  // namespace
}  // namespace faultline::arm64
