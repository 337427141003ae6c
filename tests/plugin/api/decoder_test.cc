#include "plugin/api/decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace faultline::api {
namespace {

using engine::Arch;
using testing::Contains;

std::vector<uint32_t> Lengths(const std::vector<Decoder::Insn>& insns) {
  std::vector<uint32_t> out;
  for (const Decoder::Insn& i : insns) {
    out.push_back(i.bytes);
  }
  return out;
}

TEST(DecoderTest, SplitsX86ByLength) {
  // nop; mov %rsp,%rbp; rep stosb; movslq 4(%rbx),%rcx; ret
  const std::vector<uint8_t> code = {0x90, 0x48, 0x89, 0xe5, 0xf3, 0xaa,
                                     0x48, 0x63, 0x4b, 0x04, 0xc3};
  const auto insns = Decoder(Arch::kX86).Split(code, 0x1000);
  EXPECT_EQ(Lengths(insns), (std::vector<uint32_t>{1, 3, 2, 4, 1}));
  EXPECT_TRUE(insns[2].iterates);
  EXPECT_FALSE(insns[3].iterates);
  EXPECT_TRUE(insns[3].sign_extends);
  EXPECT_FALSE(insns[1].sign_extends);
}

TEST(DecoderTest, WhatIsNoInstructionIsOneOfAllThatIsLeft) {
  const std::vector<uint8_t> code = {0x90, 0x06, 0x06, 0x06};
  EXPECT_EQ(Lengths(Decoder(Arch::kX86).Split(code, 0)),
            (std::vector<uint32_t>{1, 3}));
}

TEST(DecoderTest, SplitsArm64ByWord) {
  // ldp x0, x1, [x2]; an unallocated word; dc zva, x0; ldrsw x1, [x2]
  const std::vector<uint8_t> code = {0x40, 0x04, 0x40, 0xa9, 0,    0,
                                     0,    0,    0x20, 0x74, 0x0b, 0xd5,
                                     0x41, 0,    0x80, 0xb9};
  const auto insns = Decoder(Arch::kArm64).Split(code, 0);
  EXPECT_EQ(Lengths(insns), (std::vector<uint32_t>{4, 4, 4, 4}));
  EXPECT_TRUE(insns[0].joins);
  EXPECT_TRUE(insns[2].silent);
  EXPECT_TRUE(insns[3].sign_extends);
}

TEST(DecoderTest, X86JoinsHalvesOfSixteenBytesOnly) {
  // movups (%rbx),%xmm0; mov (%rbx),%rax
  const std::vector<uint8_t> code = {0x0f, 0x10, 0x03, 0x48, 0x8b, 0x03};
  const auto insns = Decoder(Arch::kX86).Split(code, 0);
  EXPECT_TRUE(insns[0].joins);
  EXPECT_FALSE(insns[1].joins);
}

TEST(DecoderTest, TextIsOneLineAndEmptyForNoInstruction) {
  const Decoder decoder(Arch::kX86);
  EXPECT_EQ(decoder.Text(std::vector<uint8_t>{0xc3}, 0), "ret");
  EXPECT_EQ(decoder.Text(std::vector<uint8_t>{0x48, 0x89, 0xe5}, 0),
            "mov rbp, rsp");
  EXPECT_EQ(decoder.Text(std::vector<uint8_t>{0x06}, 0), "");
}

TEST(DecoderTest, OperandsAreWhereRegistersSay) {
  x86::Registers x;
  x.gpr[x86::kRbx] = 0x1000;
  x.gpr[x86::kRcx] = 3;
  x.gpr[x86::kRsp] = 0x9000;
  x.fs_base = 0x7000;
  const Decoder x86_decoder(Arch::kX86);
  // mov 0x10(%rbx,%rcx,8),%rax
  EXPECT_THAT(x86_decoder.Operands(
                  std::vector<uint8_t>{0x48, 0x8b, 0x44, 0xcb, 0x10}, 0, x),
              Contains(0x1028));
  // mov %fs:0,%rax; mov 0x10(%rip),%rax at 0x400000; push
  EXPECT_THAT(
      x86_decoder.Operands(
          std::vector<uint8_t>{0x64, 0x48, 0x8b, 0x04, 0x25, 0, 0, 0, 0}, 0, x),
      Contains(0x7000));
  EXPECT_THAT(
      x86_decoder.Operands(
          std::vector<uint8_t>{0x48, 0x8b, 0x05, 0x10, 0, 0, 0}, 0x400000, x),
      Contains(0x400017));
  EXPECT_THAT(x86_decoder.Operands(std::vector<uint8_t>{0x50}, 0, x),
              Contains(0x8ff8));

  arm64::Registers a;
  a.x[0] = uint64_t{0xa} << 56 | 0x2000;  // tagged
  // ldr x1, [x0, #8]
  EXPECT_THAT(Decoder(Arch::kArm64)
                  .Operands(std::vector<uint8_t>{0x01, 0x04, 0x40, 0xf9}, 0, a),
              Contains(0x2008));
}

}  // namespace
}  // namespace faultline::api
