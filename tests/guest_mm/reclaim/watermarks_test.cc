#include "guest_mm/reclaim/watermarks.h"

#include <gtest/gtest.h>

namespace faultline::mm {
namespace {

constexpr PageShift kShift(12);

// Numbers of a 6.12 kernel: 16 * KiB, the root of it.
TEST(WatermarksTest, MinimumIsARootOfMemoryWithinLimits) {
  EXPECT_EQ(DefaultMinFreeKbytes(PageCount(512 << 8), kShift), 2896u);
  EXPECT_EQ(DefaultMinFreeKbytes(PageCount(16 << 8), kShift), 512u);
  EXPECT_EQ(DefaultMinFreeKbytes(PageCount(256), kShift), 128u);
  EXPECT_EQ(DefaultMinFreeKbytes(PageCount(uint64_t{16} << 30), kShift),
            262144u);
}

TEST(WatermarksTest, StepsAreAQuarterOrAThousandth) {
  const Watermarks small = WatermarksFor(2896, PageCount(512 << 8), kShift);
  EXPECT_EQ(small.min, PageCount(724));
  EXPECT_EQ(small.low, PageCount(724 + 181));
  EXPECT_EQ(small.high, PageCount(724 + 362));
  const Watermarks large = WatermarksFor(128, PageCount(1'000'000), kShift);
  EXPECT_EQ(large.low, PageCount(32 + 1000));
}

}  // namespace
}  // namespace faultline::mm
