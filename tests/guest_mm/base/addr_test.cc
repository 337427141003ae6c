#include "guest_mm/base/addr.h"

#include <gtest/gtest.h>

namespace faultline::mm {
namespace {

TEST(GuestAddrTest, PageUpRoundsToTheNextPageAndWrapsAtTheTop) {
  EXPECT_EQ(GuestAddr(0x1001).PageUp(kPageShift4K), GuestAddr(0x2000));
  EXPECT_EQ(GuestAddr(0x1000).PageUp(kPageShift4K), GuestAddr(0x1000));
  EXPECT_EQ(GuestAddr(~uint64_t{0}).PageUp(kPageShift4K), GuestAddr(0));
}

TEST(PageCountTest, ToHoldRoundsUp) {
  EXPECT_EQ(PageCount::ToHold(0, kPageShift4K), PageCount(0));
  EXPECT_EQ(PageCount::ToHold(1, kPageShift4K), PageCount(1));
  EXPECT_EQ(PageCount::ToHold(4097, PageShift(14)), PageCount(1));
}

TEST(GuestRangeTest, TouchingRangesDoNotOverlap) {
  const GuestRange a = GuestRange::At(GuestAddr(0x1000), 0x1000);
  const GuestRange b = GuestRange::At(GuestAddr(0x2000), 0x1000);
  EXPECT_FALSE(a.Overlaps(b));
  EXPECT_TRUE(a.Overlaps(GuestRange::At(GuestAddr(0x1fff), 2)));
  EXPECT_FALSE(a.Contains(GuestAddr(0x2000)));
}

}  // namespace
}  // namespace faultline::mm
