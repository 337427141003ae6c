#include "plugin/engine/kernel_image.h"

#include <gtest/gtest.h>

namespace faultline::engine {
namespace {

class KernelImageTest : public testing::TestWithParam<Arch> {};
INSTANTIATE_TEST_SUITE_P(BothArchitectures, KernelImageTest,
                         testing::Values(Arch::kX86, Arch::kArm64));

TEST_P(KernelImageTest, ItsPartsLieWhereTheyShould) {
  const KernelImage& k = KernelImage::Of(GetParam());
  EXPECT_EQ(k.base % 0x10000, 0u);
  EXPECT_EQ(k.data % 0x10000, 0u) << "no page of 64 KiB has code and data";
  EXPECT_EQ(k.end - k.base, k.bytes.size());
  for (const uint64_t routine : {k.boot, k.enter_user, k.flush_pages}) {
    EXPECT_GE(routine, k.base);
    EXPECT_LT(routine, k.data);
  }
  EXPECT_GT(k.stack_top, k.data);
  EXPECT_LE(k.stack_top, k.end);
  if (GetParam() == Arch::kX86) {
    EXPECT_GE(k.gdt, k.data);
    EXPECT_LT(k.gdt, k.end);
  } else {
    EXPECT_EQ(k.gdt, 0u);
  }
}

}  // namespace
}  // namespace faultline::engine
