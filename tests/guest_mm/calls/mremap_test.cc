// Covers: guest_mm/calls/move_vma.cc
#include "tests/guest_mm/testing/calls_fixture.h"

namespace faultline::mm {
namespace {

using testing::ElementsAre;

constexpr uint64_t kMayMove = 1;
constexpr uint64_t kFixed = 2;
constexpr uint64_t kDontUnmap = 4;

class MremapTest : public CallsTest {
 protected:
  explicit MremapTest(const BehaviourSet& behaviours = {})
      : CallsTest(0, behaviours) {}
  ErrnoOr<GuestAddr> Remap(uint64_t page, uint64_t old_pages,
                           uint64_t new_pages, uint64_t flags,
                           uint64_t to = 0) {
    return Mremap(mm_, At(page), old_pages * kPage, new_pages * kPage, flags,
                  At(to));
  }
};

TEST_F(MremapTest, ArgumentsAreJudged) {
  Map(0, 4);
  EXPECT_THAT(Remap(0, 4, 4, 8), FailsWith(Errno::kEINVAL));
  EXPECT_THAT(Remap(0, 4, 4, kFixed), FailsWith(Errno::kEINVAL));
  EXPECT_THAT(Remap(0, 4, 8, kMayMove | kDontUnmap), FailsWith(Errno::kEINVAL));
  EXPECT_THAT(Remap(0, 4, 4, kDontUnmap), FailsWith(Errno::kEINVAL));
  EXPECT_THAT(Remap(0, 4, 0, 0), FailsWith(Errno::kEINVAL));
  EXPECT_THAT(Mremap(mm_, At(0) + 1, kPage, kPage, 0, At(0)),
              FailsWith(Errno::kEINVAL));
  EXPECT_THAT(Remap(8, 1, 1, 0), FailsWith(Errno::kEFAULT));
}

TEST_F(MremapTest, ShrinkingUnmapsTheTail) {
  Map(0, 4);
  Fill(0, 4);
  const auto at = Remap(0, 4, 2, 0);
  ASSERT_THAT(at, Succeeds());
  EXPECT_EQ(*at, At(0));
  EXPECT_THAT(Rows(), ElementsAre("0-2 rw-p"));
  EXPECT_EQ(mm_.rss.anon, PageCount(2));
}

TEST_F(MremapTest, GrowsInPlaceWhereThereIsRoom) {
  Map(0, 2);
  Fill(0, 2);
  EXPECT_THAT(Remap(0, 2, 4, 0), Succeeds());
  EXPECT_THAT(Rows(), ElementsAre("0-4 rw-p"));
  EXPECT_EQ(Load(1), 2);
  EXPECT_EQ(Load(3), 0);
}

TEST_F(MremapTest, GrowingInPlaceMergesWithTheNextMapping) {
  Map(0, 2);
  Map(4, 2);
  EXPECT_THAT(Remap(0, 2, 4, 0), Succeeds());
  EXPECT_THAT(Rows(), ElementsAre("0-6 rw-p"));
}

TEST_F(MremapTest, WithoutRoomOrLeaveToMoveThereIsNoMemory) {
  Map(0, 2);
  Map(2, 1, 1);
  EXPECT_THAT(Remap(0, 2, 4, 0), FailsWith(Errno::kENOMEM));
  EXPECT_THAT(Rows(), ElementsAre("0-2 rw-p", "2-3 r--p"));
}

TEST_F(MremapTest, MovingKeepsThePages) {
  Map(0, 2);
  Map(2, 1, 1);
  Fill(0, 2);
  const auto at = Remap(0, 2, 4, kMayMove);
  ASSERT_THAT(at, Succeeds());
  EXPECT_EQ(*at, mm_.mmap_base - 4 * kPage);
  EXPECT_EQ(machine_.Load(mm_, *at), 1);
  EXPECT_EQ(machine_.Load(mm_, *at + kPage), 2);
  EXPECT_EQ(machine_.Load(mm_, *at + 3 * kPage), 0);
  EXPECT_EQ(Load(0), -1);
  EXPECT_EQ(mm_.total_vm, PageCount(5));
  // VmPeak is the greater of the two: the moment with both is no peak.
  EXPECT_LE(mm_.hiwater_vm, mm_.total_vm);
}

TEST_F(MremapTest, PartOfAMappingMovesAlone) {
  Map(0, 4);
  Fill(0, 4);
  ASSERT_THAT(Remap(1, 2, 2, kMayMove | kFixed, 8), Succeeds());
  EXPECT_THAT(Rows(), ElementsAre("0-1 rw-p", "3-4 rw-p", "8-10 rw-p"));
  EXPECT_EQ(Load(8), 2);
  EXPECT_EQ(Load(9), 3);
  EXPECT_EQ(machine_.system().committed(), PageCount(4));
}

TEST_F(MremapTest, FixedReplacesWhatIsThere) {
  Map(0, 2);
  Map(8, 4, 1);
  Fill(0, 2);
  ASSERT_THAT(Remap(0, 2, 2, kMayMove | kFixed, 9), Succeeds());
  EXPECT_THAT(Rows(), ElementsAre("8-9 r--p", "9-11 rw-p", "11-12 r--p"));
  EXPECT_EQ(Load(10), 2);
}

TEST_F(MremapTest, FixedMustNotOverlapItself) {
  Map(0, 4);
  EXPECT_THAT(Remap(0, 4, 4, kMayMove | kFixed, 2), FailsWith(Errno::kEINVAL));
  EXPECT_THAT(Mremap(mm_, At(0), kPage, kPage, kMayMove | kFixed, At(8) + 1),
              FailsWith(Errno::kEINVAL));
  EXPECT_THAT(Rows(), ElementsAre("0-4 rw-p"));
}

TEST_F(MremapTest, AcrossABorderBetweenMappingsIsAFault) {
  Map(0, 2);
  Map(2, 2, 1);
  EXPECT_THAT(Remap(0, 4, 4, kMayMove | kFixed, 8), FailsWith(Errno::kEFAULT));
  EXPECT_THAT(Remap(0, 4, 5, kMayMove), FailsWith(Errno::kEFAULT));
}

TEST_F(MremapTest, DontUnmapLeavesAnEmptyMappingBehind) {
  Map(0, 2);
  Fill(0, 2);
  ASSERT_THAT(Remap(0, 2, 2, kMayMove | kFixed | kDontUnmap, 8), Succeeds());
  EXPECT_THAT(Rows(), ElementsAre("0-2 rw-p", "8-10 rw-p"));
  EXPECT_EQ(Load(8), 1);
  EXPECT_EQ(Load(0), 0);
  EXPECT_EQ(machine_.system().committed(), PageCount(4));
}

TEST_F(MremapTest, OldLengthZeroDuplicatesSharedMemoryOnly) {
  Map(0, 2, kRW, kAnonShared);
  Fill(0, 2);
  ASSERT_THAT(Remap(0, 0, 2, kMayMove | kFixed, 8), Succeeds());
  EXPECT_EQ(Load(9), 2);
  EXPECT_TRUE(Store(9, 7));
  EXPECT_EQ(Load(1), 7);
  Map(4, 2);
  EXPECT_THAT(Remap(4, 0, 2, kMayMove), FailsWith(Errno::kEINVAL));
}

TEST_F(MremapTest, UntouchedMemoryMayMergeWithItsOldSelf) {
  Map(0, 2);
  ASSERT_THAT(Remap(0, 1, 1, kMayMove | kFixed, 2), Succeeds());
  EXPECT_THAT(Rows(), ElementsAre("1-3 rw-p"));
}

TEST_F(MremapTest, TouchedMemoryKeepsItsOffsetAndStaysApart) {
  Map(0, 2);
  Fill(0, 2);
  ASSERT_THAT(Remap(0, 1, 1, kMayMove | kFixed, 2), Succeeds());
  EXPECT_THAT(Rows(), ElementsAre("1-2 rw-p", "2-3 rw-p"));
  // Back where it came from, it merges.
  ASSERT_THAT(Remap(2, 1, 1, kMayMove | kFixed, 0), Succeeds());
  EXPECT_THAT(Rows(), ElementsAre("0-2 rw-p"));
  EXPECT_EQ(Load(0), 1);
}

TEST_F(MremapTest, LimitsHoldTheGrowth) {
  Map(0, 2, kRW, kAnon | kMapLocked);
  mm_.limits.as = 3 * kPage;
  EXPECT_THAT(Remap(0, 2, 4, 0), FailsWith(Errno::kENOMEM));
  mm_.limits.as = kNoLimit;
  mm_.limits.can_exceed_memlock = false;
  mm_.limits.memlock = 3 * kPage;
  EXPECT_THAT(Remap(0, 2, 4, 0), FailsWith(Errno::kEAGAIN));
  EXPECT_THAT(Remap(0, 2, 3, 0), Succeeds());
  EXPECT_EQ(mm_.locked_vm, PageCount(3));
  EXPECT_EQ(mm_.rss.anon, PageCount(3)) << "what is locked is faulted in";
}

TEST_F(MremapTest, NeedsRoomForTheSplitsToCome) {
  Map(0, 2);
  Map(2, 2, 1);
  machine_.system().sysctl().max_map_count = 5;
  EXPECT_THAT(Remap(0, 2, 2, kMayMove | kFixed, 8), FailsWith(Errno::kENOMEM));
  EXPECT_THAT(Remap(0, 2, 3, kMayMove), FailsWith(Errno::kENOMEM));
  machine_.system().sysctl().max_map_count = 8;
  EXPECT_THAT(Remap(0, 2, 2, kMayMove | kFixed, 8), Succeeds());
}

TEST_F(MremapTest, LimitBelowTheRoomThatSplitsNeedRefusesEveryMove) {
  Map(0, 2);
  for (const uint64_t limit : {0, 1, 2}) {
    machine_.system().sysctl().max_map_count = limit;
    EXPECT_THAT(Remap(0, 2, 2, kMayMove | kFixed, 8),
                FailsWith(Errno::kENOMEM));
    EXPECT_THAT(Remap(0, 2, 2, kMayMove | kDontUnmap, 8),
                FailsWith(Errno::kENOMEM));
  }
  Map(2, 1, 1);  // now it cannot grow where it is
  machine_.system().sysctl().max_map_count = 2;
  EXPECT_THAT(Remap(0, 2, 3, kMayMove), FailsWith(Errno::kENOMEM));
}

TEST_F(MremapTest, MoveThatRunsOutOfTablesIsUndone) {
  int failures = 0;
  for (int n = 0;; ++n) {
    Map(0, 4);
    Fill(0, 4);
    bool failed = false;
    FailNthAllocation(n, &failed);
    // Another 1 GiB region: needs new tables at three levels.
    const uint64_t far = (uint64_t{1} << 40) / kPage;
    const auto moved = Remap(0, 4, 4, kMayMove | kFixed, far);
    machine_.FailAllocations(nullptr);
    machine_.Validate();
    const uint64_t now = moved.ok() ? far : 0;
    if (!moved.ok()) {
      EXPECT_EQ(moved.error(), Errno::kENOMEM);
      ++failures;
    }
    EXPECT_EQ(mm_.total_vm, PageCount(4));
    EXPECT_EQ(machine_.system().committed(), PageCount(4));
    for (uint64_t i = 0; i < 4; ++i) {
      EXPECT_EQ(Load(now + i), int(i + 1));
    }
    ASSERT_THAT(Munmap(mm_, At(now), 4 * kPage), Succeeds());
    if (!failed) {
      break;
    }
  }
  EXPECT_EQ(failures, 3);
}

TEST_F(MremapTest, TheTargetGoesBeforeTheSourceIsJudged) {
  Map(0, 2);
  Map(100, 4);
  EXPECT_THAT(Remap(0, 3, 3, kMayMove | kFixed, 100),
              FailsWith(Errno::kEFAULT));
  EXPECT_THAT(Rows(), ElementsAre("0-2 rw-p", "103-104 rw-p"));
}

// Since 6.17.
class MremapOfManyTest : public MremapTest {
 protected:
  MremapOfManyTest() : MremapTest(BehaviourSet({6, 17})) {}
};

TEST_F(MremapOfManyTest, AllMappingsOfTheRangeMoveAndKeepTheirDistance) {
  Map(0, 2);
  Fill(0, 2);
  Map(3, 1, 1);
  Map(4, 2);
  EXPECT_THAT(Remap(1, 4, 4, kMayMove | kFixed, 100), Succeeds());
  EXPECT_THAT(Rows(), ElementsAre("0-1 rw-p", "5-6 rw-p", "100-101 rw-p",
                                  "102-103 r--p", "103-104 rw-p"));
  EXPECT_EQ(Load(100), 2);
}

TEST_F(MremapOfManyTest, WhatCannotMoveLeavesTheTargetAlone) {
  Map(0, 2);
  Map(100, 4);
  EXPECT_THAT(Remap(0, 3, 4, kMayMove | kFixed, 100),
              FailsWith(Errno::kEFAULT));
  EXPECT_THAT(Remap(10, 3, 3, kMayMove | kFixed, 100),
              FailsWith(Errno::kEFAULT));
  EXPECT_THAT(Rows(), ElementsAre("0-2 rw-p", "100-104 rw-p"));
}

TEST_F(MremapOfManyTest, LengthsAreComparedInPages) {
  Map(0, 1);
  EXPECT_THAT(
      Mremap(mm_, At(0), kPage - 1, kPage, kMayMove | kDontUnmap, GuestAddr(0)),
      Succeeds());
}

}  // namespace
}  // namespace faultline::mm
