#include "guest_mm/uffd/uffd_stats.h"

#include "gtest/gtest.h"

namespace faultline::mm {
namespace {

constexpr GuestRange kRange{GuestAddr(0x10000), GuestAddr(0x20000)};

UffdStats Enabled() {
  UffdStats stats;
  stats.Enable();
  stats.Registered(1, 7, kRange);
  return stats;
}

TEST(UffdStatsTest, NothingIsCountedUntilSomebodyAsks) {
  UffdStats stats;
  stats.Registered(1, 7, kRange);
  stats.Faulted(1, kRange.start, UffdStats::Kind::kMissing);
  stats.Waited(1, kRange.start, 5);
  stats.Called(1, UffdIoctl::kCopy, kRange, 4096, Errno::kOk);
  EXPECT_TRUE(stats.ranges().empty());
}

TEST(UffdStatsTest, AFaultBelongsToTheRangeRegisteredLast) {
  UffdStats stats = Enabled();
  stats.Registered(1, 7, {GuestAddr(0x10000), GuestAddr(0x11000)});
  stats.Faulted(1, GuestAddr(0x10800), UffdStats::Kind::kWp);
  stats.Faulted(1, GuestAddr(0x11000), UffdStats::Kind::kMinor);
  EXPECT_EQ(stats.ranges()[0].faults[2], 1u);
  EXPECT_EQ(stats.ranges()[1].faults[1], 1u);
}

TEST(UffdStatsTest, TheSameRangeRegisteredAgainIsOne) {
  UffdStats stats = Enabled();
  stats.Registered(1, 7, kRange);
  EXPECT_EQ(stats.ranges().size(), 1u);
  stats.Registered(2, 7, kRange);
  EXPECT_EQ(stats.ranges().size(), 2u);
}

TEST(UffdStatsTest, WhatBelongsToNoRangeIsTheLastOnes) {
  UffdStats stats = Enabled();
  stats.Faulted(1, GuestAddr(0x90000), UffdStats::Kind::kMissing);
  stats.Registered(2, 7, kRange);
  ASSERT_EQ(stats.ranges().size(), 3u);
  EXPECT_TRUE(stats.ranges()[2].range.empty());
  EXPECT_EQ(stats.ranges()[2].faults[0], 1u);
}

TEST(UffdStatsTest, RangesAreNotCountedWithoutAnEnd) {
  UffdStats stats = Enabled();
  for (uint64_t i = 0; i < 2 * UffdStats::kMost; ++i) {
    stats.Registered(1, 7, GuestRange::At(GuestAddr(i << 20), 4096));
  }
  EXPECT_EQ(stats.ranges().size(), UffdStats::kMost);
}

TEST(UffdStatsTest, WaitsAreSortedByPowersOfTwoOfMicroseconds) {
  UffdStats stats = Enabled();
  stats.Waited(1, kRange.start, 999);
  stats.Waited(1, kRange.start, 1999);
  stats.Waited(1, kRange.start, 5000);
  stats.Waited(1, kRange.start, ~uint64_t{0} >> 1);
  const auto& r = stats.ranges()[0];
  EXPECT_EQ(r.waits[0], 2u);
  EXPECT_EQ(r.waits[2], 1u);
  EXPECT_EQ(r.waits[UffdStats::kBuckets - 1], 1u);
  EXPECT_EQ(r.longest_ns, ~uint64_t{0} >> 1);
}

TEST(UffdStatsTest, CallsAreCountedWithTheirBytesAndErrors) {
  UffdStats stats = Enabled();
  stats.Called(1, UffdIoctl::kCopy, kRange, 4096, Errno::kOk);
  stats.Called(1, UffdIoctl::kCopy, kRange, 0, Errno::kEEXIST);
  const UffdStats::Ioctl& copy = stats.ranges()[0].ioctls.at(UffdIoctl::kCopy);
  EXPECT_EQ(copy.calls, 2u);
  EXPECT_EQ(copy.bytes, 4096u);
  EXPECT_EQ(copy.errors.at(Errno::kEEXIST), 1u);
}

}  // namespace
}  // namespace faultline::mm
