#include "guest_mm/sync/split_mix_64.h"

#include <gtest/gtest.h>

namespace faultline::mm {
namespace {

// The first numbers of the reference implementation (Vigna, splitmix64.c) from
// the seed 1234567.
TEST(SplitMix64Test, IsWhatItIsCalled) {
  SplitMix64 random(1234567);
  EXPECT_EQ(random.Next(), 6457827717110365317u);
  EXPECT_EQ(random.Next(), 3203168211198807973u);
  EXPECT_EQ(random.Next(), 9817491932198370423u);
}

TEST(SplitMix64Test, BelowIsBelow) {
  SplitMix64 random(1);
  bool seen[7] = {};
  for (int i = 0; i < 200; ++i) {
    const uint64_t n = random.Below(7);
    ASSERT_LT(n, 7u);
    seen[n] = true;
  }
  for (const bool was : seen) {
    EXPECT_TRUE(was);
  }
  EXPECT_EQ(random.Below(1), 0u);
}

}  // namespace
}  // namespace faultline::mm
