#include "plugin/linux/tag_log.h"

#include <gtest/gtest.h>

namespace faultline::os {
namespace {

TEST(TagLogTest, TheLastStoreToAGranuleIsTheOne) {
  TagLog log;
  EXPECT_FALSE(log.Last(mm::PhysAddr(0x1000)).has_value());
  log.Note({.granule = mm::PhysAddr(0x1000), .pc = 1, .tid = 10, .tag = 3});
  log.Note({.granule = mm::PhysAddr(0x1010), .pc = 2, .tid = 10, .tag = 4});
  log.Note({.granule = mm::PhysAddr(0x1000), .pc = 3, .tid = 11, .tag = 5});
  const auto last = log.Last(mm::PhysAddr(0x100f));
  ASSERT_TRUE(last.has_value());
  EXPECT_EQ(last->pc, 3u);
  EXPECT_EQ(last->tid, 11);
  EXPECT_EQ(last->tag, 5);
  EXPECT_EQ(log.Last(mm::PhysAddr(0x1010))->pc, 2u);
  EXPECT_FALSE(log.Last(mm::PhysAddr(0x1020)).has_value());
}

TEST(TagLogTest, WhatIsLongAgoIsForgotten) {
  TagLog log;
  log.Note({.granule = mm::PhysAddr(0x10)});
  for (uint64_t i = 0; i < 70'000; ++i) {
    log.Note({.granule = mm::PhysAddr(0x100000 + i % 100 * 16), .pc = i});
  }
  EXPECT_FALSE(log.Last(mm::PhysAddr(0x10)).has_value());
  EXPECT_EQ(log.Last(mm::PhysAddr(0x100000 + 99 * 16))->pc, 69'999u);
}

}  // namespace
}  // namespace faultline::os
