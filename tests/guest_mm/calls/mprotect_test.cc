#include "tests/guest_mm/testing/calls_fixture.h"

namespace faultline::mm {
namespace {

using testing::ElementsAre;

constexpr uint64_t kGrowsDown = 0x01000000;
constexpr uint64_t kGrowsUp = 0x02000000;

class MprotectTest : public CallsTest {};

TEST_F(MprotectTest, ArgumentsAreJudgedInLinuxOrder) {
  EXPECT_THAT(Mprotect(mm_, At(0) + 1, kPage, 1), FailsWith(Errno::kEINVAL));
  EXPECT_THAT(Mprotect(mm_, At(0), kPage, kGrowsDown | kGrowsUp),
              FailsWith(Errno::kEINVAL));
  EXPECT_THAT(Mprotect(mm_, At(0), 0, 0x100), Succeeds());
  EXPECT_THAT(Mprotect(mm_, At(0), ~uint64_t{0} - 2 * kPage, 0x100),
              FailsWith(Errno::kENOMEM));
  EXPECT_THAT(Mprotect(mm_, At(0), kPage, 0x100), FailsWith(Errno::kEINVAL));
  EXPECT_THAT(Mprotect(mm_, At(0), kPage, 1), FailsWith(Errno::kENOMEM));
}

TEST_F(MprotectTest, SplitsAndMergesBack) {
  Map(0, 6);
  EXPECT_THAT(Mprotect(mm_, At(2), 2 * kPage, 1), Succeeds());
  EXPECT_THAT(Rows(), ElementsAre("0-2 rw-p", "2-4 r--p", "4-6 rw-p"));
  EXPECT_THAT(Mprotect(mm_, At(2), 2 * kPage, kRW), Succeeds());
  EXPECT_THAT(Rows(), ElementsAre("0-6 rw-p"));
}

TEST_F(MprotectTest, MovesTheBorderBetweenNeighbours) {
  Map(0, 4);
  Fill(0, 4);
  EXPECT_THAT(Mprotect(mm_, At(2), 2 * kPage, 1), Succeeds());
  EXPECT_THAT(Mprotect(mm_, At(1), kPage, 1), Succeeds());
  EXPECT_THAT(Rows(), ElementsAre("0-1 rw-p", "1-4 r--p"));
  EXPECT_THAT(Mprotect(mm_, At(1), kPage, kRW), Succeeds());
  EXPECT_THAT(Rows(), ElementsAre("0-2 rw-p", "2-4 r--p"));
}

TEST_F(MprotectTest, MovingABorderNeedsNoRoomInTheMapCount) {
  Map(0, 4);
  Fill(0, 4);
  EXPECT_THAT(Mprotect(mm_, At(2), 2 * kPage, 1), Succeeds());
  machine_.system().sysctl().max_map_count = 2;
  EXPECT_THAT(Mprotect(mm_, At(1), kPage, 1), Succeeds());
  EXPECT_THAT(Mprotect(mm_, At(2), kPage, 0), FailsWith(Errno::kENOMEM));
  EXPECT_THAT(Rows(), ElementsAre("0-1 rw-p", "1-4 r--p"));
}

TEST_F(MprotectTest, PagesLoseAndRegainTheRightToBeWritten) {
  Map(0, 2);
  Fill(0, 2);
  EXPECT_THAT(Mprotect(mm_, At(0), kPage, 1), Succeeds());
  EXPECT_FALSE(Store(0, 9));
  EXPECT_EQ(Load(0), 1);
  EXPECT_TRUE(Store(1, 9));
  EXPECT_THAT(Mprotect(mm_, At(0), kPage, 0), Succeeds());
  EXPECT_EQ(Load(0), -1);
  EXPECT_THAT(Mprotect(mm_, At(0), kPage, kRW), Succeeds());
  EXPECT_EQ(Load(0), 1);
  EXPECT_TRUE(Store(0, 9));
}

TEST_F(MprotectTest, WhatLiesBeforeAHoleIsChanged) {
  Map(0, 2);
  Map(3, 2);
  EXPECT_THAT(Mprotect(mm_, At(0), 5 * kPage, 1), FailsWith(Errno::kENOMEM));
  EXPECT_THAT(Rows(), ElementsAre("0-2 r--p", "3-5 rw-p"));
  EXPECT_THAT(Mprotect(mm_, At(2), 2 * kPage, 1), FailsWith(Errno::kENOMEM));
  EXPECT_THAT(Mprotect(mm_, At(3), 4 * kPage, 1), FailsWith(Errno::kENOMEM));
  EXPECT_THAT(Rows(), ElementsAre("0-2 r--p", "3-5 r--p"));
}

TEST_F(MprotectTest, BecomingWritableIsChargedOnce) {
  const PageCount& committed = machine_.system().committed();
  Map(0, 4, 1);
  EXPECT_EQ(committed, PageCount(0));
  EXPECT_THAT(Mprotect(mm_, At(0), 4 * kPage, kRW), Succeeds());
  EXPECT_EQ(committed, PageCount(4));
  EXPECT_THAT(Mprotect(mm_, At(0), 4 * kPage, 1), Succeeds());
  EXPECT_EQ(committed, PageCount(0)) << "never written: nothing to keep";
  EXPECT_THAT(Mprotect(mm_, At(0), 4 * kPage, kRW), Succeeds());
  Fill(0, 1);
  EXPECT_THAT(Mprotect(mm_, At(0), 4 * kPage, 1), Succeeds());
  EXPECT_EQ(committed, PageCount(4)) << "written once: stays charged";
}

TEST_F(MprotectTest, DataLimitHoldsWhatBecomesData) {
  Map(0, 4, 1);
  mm_.limits.data = 2 * kPage;
  EXPECT_THAT(Mprotect(mm_, At(0), 4 * kPage, kRW), FailsWith(Errno::kENOMEM));
  EXPECT_THAT(Mprotect(mm_, At(0), 2 * kPage, kRW), Succeeds());
}

TEST_F(MprotectTest, GrowsDownExtendsToTheStartOfAStack) {
  Map(0, 4, kRW, kAnon | kMapGrowsDown);
  EXPECT_THAT(Mprotect(mm_, At(2), kPage, 1 | kGrowsDown), Succeeds());
  EXPECT_THAT(Rows(), ElementsAre("0-3 r--p", "3-4 rw-p"));
  Map(8, 2);
  EXPECT_THAT(Mprotect(mm_, At(8), kPage, 1 | kGrowsDown),
              FailsWith(Errno::kEINVAL));
  EXPECT_THAT(Mprotect(mm_, At(8), kPage, 1 | kGrowsUp),
              FailsWith(Errno::kEINVAL));
}

TEST_F(MprotectTest, LockedMemoryThatBecomesWritableIsCopiedAtOnce) {
  auto file =
      machine_.NewFile(Mapping::Kind::kRegular, std::string(2 * kPage, 'x'));
  MapFile(0, 2, 1, kMapPrivate | kMapLocked, file);
  EXPECT_EQ(mm_.rss.file, PageCount(2));
  EXPECT_THAT(Mprotect(mm_, At(0), 2 * kPage, kRW), Succeeds());
  EXPECT_EQ(mm_.rss.anon, PageCount(2));
}

TEST_F(MprotectTest, FaultedMemoryDoesNotMergeIntoUntouched) {
  // 6.12: only the existing neighbour's chain is looked at, and an untouched
  // one has none (changed in 6.16).
  Map(0, 2);
  Map(2, 2, 1);
  Fill(0, 2);
  EXPECT_THAT(Mprotect(mm_, At(2), 2 * kPage, kRW), Succeeds());
  EXPECT_THAT(Rows(), ElementsAre("0-4 rw-p")) << "untouched into faulted";
  Map(8, 2);
  Map(10, 2, 1);
  EXPECT_THAT(Mprotect(mm_, At(10), 2 * kPage, kRW), Succeeds());
  EXPECT_THAT(Mprotect(mm_, At(10), 2 * kPage, 1), Succeeds());
  Fill(8, 2);
  EXPECT_THAT(Mprotect(mm_, At(8), 2 * kPage, 1), Succeeds());
  EXPECT_THAT(Rows(), ElementsAre("0-4 rw-p", "8-10 r--p", "10-12 r--p"));
}

}  // namespace
}  // namespace faultline::mm
