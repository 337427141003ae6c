#include "guest_mm/rmap/rmap.h"

#include "gtest/gtest.h"

namespace faultline::mm {
namespace {

bool SmallFolioIsShared(int32_t mapcount) {
  Frame f;
  f.mapcount = mapcount;
  return LikelyMappedShared(f);
}

// Of 512 pages; `first` entries map the first of them.
bool HugeFolioIsShared(int32_t entire, int32_t all, int32_t first) {
  Frame f;
  f.order = 9;
  f.entire_mapcount = entire;
  f.large_mapcount = all;
  f.mapcount = first;
  return LikelyMappedShared(f);
}

TEST(LikelyMappedSharedTest, PageIsSharedByTwoEntriesAndNotByOneOrNone) {
  EXPECT_FALSE(SmallFolioIsShared(0));
  EXPECT_FALSE(SmallFolioIsShared(1));
  EXPECT_TRUE(SmallFolioIsShared(2));
}

TEST(LikelyMappedSharedTest, HugePageIsJudgedByItsFirstPage) {
  EXPECT_FALSE(HugeFolioIsShared(1, 1, 0)) << "one entry";
  EXPECT_FALSE(HugeFolioIsShared(0, 512, 1)) << "split, one space";
  EXPECT_TRUE(HugeFolioIsShared(0, 512, 2));
  EXPECT_TRUE(HugeFolioIsShared(0, 513, 1)) << "more than pages";
  EXPECT_FALSE(HugeFolioIsShared(0, 2, 0)) << "a wrong guess";
}

// One space maps it whole, another a page that is not its first.
TEST(LikelyMappedSharedTest, HugePageMappedWholeAndInPartIsShared) {
  EXPECT_TRUE(HugeFolioIsShared(1, 2, 0));
}

}  // namespace
}  // namespace faultline::mm
