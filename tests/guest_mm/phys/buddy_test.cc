// Covers: guest_mm/phys/free_map.cc

#include "guest_mm/phys/buddy.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

namespace faultline::mm {
namespace {

uint64_t FreeFrames(const Buddy& b) {
  uint64_t n = 0;
  for (int order = 0; order <= b.max_order(); ++order) {
    n += b.free_blocks(order) << order;
  }
  return n;
}

TEST(BuddyTest, OddSizedMemoryIsCoveredByAlignedBlocks) {
  Buddy b(1000, 8);
  EXPECT_EQ(FreeFrames(b), 1000u);
  EXPECT_EQ(b.free_blocks(8), 3u);
  EXPECT_EQ(b.free_blocks(7), 1u);
}

TEST(BuddyTest, TakesTheLowestBlockAndSplitsIt) {
  Buddy b(16, 4);
  EXPECT_EQ(b.Take(0), Pfn(0));
  EXPECT_EQ(b.Take(2), Pfn(4));
  EXPECT_EQ(b.Take(0), Pfn(1));
  EXPECT_EQ(b.Take(4), std::nullopt);
}

TEST(BuddyTest, BuddiesJoinAgainWhenFreed) {
  Buddy b(16, 4);
  for (uint64_t i = 0; i < 16; ++i) {
    EXPECT_EQ(b.Take(0), Pfn(i));
  }
  EXPECT_EQ(b.Take(0), std::nullopt);
  for (uint64_t i = 0; i < 16; i += 2) {
    b.Give(Pfn(i), 0);
  }
  EXPECT_EQ(b.free_blocks(0), 8u);
  for (uint64_t i = 1; i < 16; i += 2) {
    b.Give(Pfn(i), 0);
  }
  EXPECT_EQ(b.free_blocks(4), 1u);
  EXPECT_EQ(FreeFrames(b), 16u);
}

TEST(BuddyTest, TakeFrameCarvesOutExactlyThatFrame) {
  Buddy b(64, 6);
  EXPECT_TRUE(b.TakeFrame(Pfn(37)));
  EXPECT_FALSE(b.TakeFrame(Pfn(37)));
  EXPECT_EQ(FreeFrames(b), 63u);
  EXPECT_FALSE(b.BlockOf(Pfn(37)).has_value());
  EXPECT_TRUE(b.BlockOf(Pfn(36)).has_value());
  b.Give(Pfn(37), 0);
  EXPECT_EQ(b.free_blocks(6), 1u);
}

// Against a dumb model: no frame is ever given out twice or lost.
TEST(BuddyTest, RandomTakesAndGivesMatchASetOfFrames) {
  std::mt19937_64 random(7);
  Buddy b(5000, 10);
  std::set<uint64_t> taken;
  std::map<uint64_t, int> blocks;
  for (int step = 0; step < 20000; ++step) {
    if (random() % 2 == 0 || blocks.empty()) {
      const int order = int(random() % 6);
      const std::optional<Pfn> head = b.Take(order);
      if (!head.has_value()) {
        continue;
      }
      ASSERT_EQ(head->value() % (1u << order), 0u);
      for (uint64_t i = 0; i < 1u << order; ++i) {
        ASSERT_LT(head->value() + i, 5000u);
        ASSERT_TRUE(taken.insert(head->value() + i).second);
      }
      blocks[head->value()] = order;
    } else {
      auto it = blocks.lower_bound(random() % 5000);
      it = it == blocks.end() ? blocks.begin() : it;
      for (uint64_t i = 0; i < 1u << it->second; ++i) {
        taken.erase(it->first + i);
      }
      b.Give(Pfn(it->first), it->second);
      blocks.erase(it);
    }
    ASSERT_EQ(FreeFrames(b) + taken.size(), 5000u);
  }
}

}  // namespace
}  // namespace faultline::mm
