#include "guest_mm/uffd/features.h"

#include <gtest/gtest.h>

namespace faultline::mm {
namespace {

// UFFD_API_IOCTLS, UFFD_API_RANGE_IOCTLS and its _BASIC of Linux 6.12.
TEST(UffdFeaturesTest, MasksAreLinuxs) {
  EXPECT_EQ(kUffdApiIoctls, 0x8000000000000003u);
  EXPECT_EQ(kUffdRangeIoctls, 0x1fcu);
  EXPECT_EQ(kUffdBasicIoctls, 0x1ccu);
  EXPECT_EQ(kUffdAllFeatures, 0x1ffffu);
}

TEST(UffdFeaturesTest, EveryKindAndIoctlHasAName) {
  EXPECT_STREQ(ToString(UffdEventKind::kPagefault), "pagefault");
  EXPECT_STREQ(ToString(UffdEventKind::kUnmap), "unmap");
  EXPECT_STREQ(ToString(UffdIoctl::kCopy), "copy");
  EXPECT_STREQ(ToString(UffdIoctl::kApi), "api");
}

TEST(UffdFeaturesTest, WhatIsKnownGrowsWithTheVersion) {
  const auto known = [](const char* version) {
    return UffdKnownFeatures(BehaviourSet::ForKernel(version).value());
  };
  EXPECT_EQ(known("5.15"), kUffdExactAddress - 1);
  EXPECT_EQ(known("6.1"), kUffdWpUnpopulated - 1);
  EXPECT_EQ(known("6.6"), kUffdWpAsync - 1);
  EXPECT_EQ(known("6.12"), kUffdAllFeatures);
}

}  // namespace
}  // namespace faultline::mm
