#include "plugin/linux/time/clock.h"

#include "gtest/gtest.h"

namespace faultline::os {
namespace {

TEST(ToNsTest, RefusesWhatIsNoTime) {
  EXPECT_EQ(ToNs(Timespec{-1, 0}).error(), Errno::kEINVAL);
  EXPECT_EQ(ToNs(Timespec{0, -1}).error(), Errno::kEINVAL);
  EXPECT_EQ(ToNs(Timespec{0, 1'000'000'000}).error(), Errno::kEINVAL);
  EXPECT_EQ(ToNs(Timeval{0, 1'000'000}).error(), Errno::kEINVAL);
}

TEST(ToNsTest, SaturatesFarInTheFuture) {
  EXPECT_EQ(*ToNs(Timespec{1, 5}), 1'000'000'005u);
  EXPECT_EQ(*ToNs(Timeval{2, 7}), 2'000'007'000u);
  EXPECT_EQ(*ToNs(Timespec{INT64_MAX, 0}), ~uint64_t{0});
}

TEST(TimespecTest, RoundTrips) {
  const Timespec t = Timespec::FromNs(3'000'000'004);
  EXPECT_EQ(t.sec, 3);
  EXPECT_EQ(t.nsec, 4);
  EXPECT_EQ(*ToNs(t), 3'000'000'004u);
}

}  // namespace
}  // namespace faultline::os
