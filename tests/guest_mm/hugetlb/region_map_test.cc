#include "guest_mm/hugetlb/region_map.h"

#include <random>
#include <set>

#include "gtest/gtest.h"

namespace faultline::mm {
namespace {

TEST(RegionMapTest, CountsWhatWasMissing) {
  RegionMap map;
  EXPECT_EQ(map.Missing(2, 6), 4u);
  EXPECT_EQ(map.Add(2, 6), 4u);
  EXPECT_EQ(map.Missing(0, 8), 4u);
  EXPECT_EQ(map.Add(0, 8), 4u);
  EXPECT_EQ(map.Add(3, 5), 0u);
  EXPECT_EQ(map.Count(0, 100), 8u);
}

TEST(RegionMapTest, ARemovalInTheMiddleLeavesBothSides) {
  RegionMap map;
  map.Add(0, 10);
  EXPECT_EQ(map.Remove(4, 6), 2u);
  EXPECT_EQ(map.Remove(4, 6), 0u);
  EXPECT_EQ(map.Count(0, 5), 4u);
  EXPECT_EQ(map.Remove(0, ~uint64_t{0}), 8u);
  EXPECT_TRUE(map.empty());
}

TEST(RegionMapTest, NothingIsNoRegion) {
  RegionMap map;
  EXPECT_EQ(map.Add(5, 5), 0u);
  EXPECT_TRUE(map.empty());
  EXPECT_EQ(map.Remove(5, 5), 0u);
}

TEST(RegionMapTest, AgreesWithASetOfPages) {
  std::mt19937 random(7);
  RegionMap map;
  std::set<uint64_t> model;
  for (int step = 0; step < 20'000; ++step) {
    const uint64_t from = random() % 64;
    const uint64_t to = from + random() % 12;
    uint64_t changed = 0;
    const bool add = random() % 2 == 0;
    for (uint64_t i = from; i < to; ++i) {
      changed += add ? (model.insert(i).second ? 1 : 0) : model.erase(i);
    }
    ASSERT_EQ(add ? map.Add(from, to) : map.Remove(from, to), changed);
    ASSERT_EQ(map.Count(0, 100), model.size());
  }
}

}  // namespace
}  // namespace faultline::mm
