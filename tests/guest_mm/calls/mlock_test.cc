#include "tests/guest_mm/testing/calls_fixture.h"

namespace faultline::mm {
namespace {

using testing::ElementsAre;

constexpr int kCurrent = 1;
constexpr int kFuture = 2;
constexpr int kOnFault = 4;

class MlockTest : public CallsTest {
 protected:
  ErrnoOr<Done> Lock(uint64_t page, uint64_t pages,
                     MlockOnFault how = MlockOnFault::kNo) {
    return Mlock(mm_, At(page), pages * kPage, how);
  }
  void LimitTo(uint64_t pages) {
    mm_.limits.can_exceed_memlock = false;
    mm_.limits.memlock = pages * kPage;
  }
};

TEST_F(MlockTest, RangeIsWidenedToWholePages) {
  Map(0, 4);
  EXPECT_THAT(Mlock(mm_, At(1) + 5, kPage, MlockOnFault::kNo), Succeeds());
  EXPECT_EQ(mm_.locked_vm, PageCount(2));
  EXPECT_EQ(mm_.rss.anon, PageCount(2));
  EXPECT_THAT(Rows(), ElementsAre("0-1 rw-p", "1-3 rw-p", "3-4 rw-p"));
}

TEST_F(MlockTest, MunlockMergesWithNeighboursOfTheSameAnonVma) {
  Map(0, 4);
  Fill(0, 1);
  EXPECT_THAT(Lock(1, 2), Succeeds());
  EXPECT_THAT(Munlock(mm_, At(1), 2 * kPage), Succeeds());
  EXPECT_THAT(Rows(), ElementsAre("0-4 rw-p"));
  EXPECT_EQ(mm_.locked_vm, PageCount(0));
}

TEST_F(MlockTest, MunlockLeavesUntouchedNeighboursApart) {
  // Locking faults the middle in, and an AnonVma does not spread to VMAs that
  // have none (seen on 6.12; 6.16 merges them).
  Map(0, 4);
  EXPECT_THAT(Lock(1, 2), Succeeds());
  EXPECT_THAT(Munlock(mm_, At(1), 2 * kPage), Succeeds());
  EXPECT_THAT(Rows(), ElementsAre("0-1 rw-p", "1-3 rw-p", "3-4 rw-p"));
}

TEST_F(MlockTest, NothingIsLockedByLengthZero) {
  EXPECT_THAT(Lock(0, 0), Succeeds());
  EXPECT_THAT(Munlock(mm_, At(0), 0), Succeeds());
}

TEST_F(MlockTest, HoleIsOutOfMemoryAndWhatLiesBeforeIsLocked) {
  Map(0, 1);
  Map(2, 1);
  EXPECT_THAT(Lock(0, 3), FailsWith(Errno::kENOMEM));
  EXPECT_EQ(mm_.locked_vm, PageCount(1));
  EXPECT_THAT(Lock(1, 1), FailsWith(Errno::kENOMEM));
  EXPECT_THAT(Munlock(mm_, At(0), 2 * kPage), FailsWith(Errno::kENOMEM));
  EXPECT_EQ(mm_.locked_vm, PageCount(0));
}

TEST_F(MlockTest, InaccessibleMemoryIsLockedButReported) {
  Map(0, 1, 0);
  EXPECT_THAT(Lock(0, 1), FailsWith(Errno::kENOMEM));
  EXPECT_EQ(mm_.locked_vm, PageCount(1));
}

TEST_F(MlockTest, OnFaultWaitsForTheFault) {
  Map(0, 2);
  EXPECT_THAT(Lock(0, 2, MlockOnFault::kYes), Succeeds());
  EXPECT_EQ(mm_.rss.anon, PageCount(0));
  EXPECT_EQ(mm_.locked_vm, PageCount(2));
  EXPECT_THAT(Lock(0, 2), Succeeds());
  EXPECT_EQ(mm_.rss.anon, PageCount(2));
}

TEST_F(MlockTest, LimitCountsPagesOnce) {
  Map(0, 4);
  LimitTo(2);
  EXPECT_THAT(Lock(0, 3), FailsWith(Errno::kENOMEM));
  EXPECT_THAT(Lock(0, 2), Succeeds());
  EXPECT_THAT(Lock(0, 2), Succeeds());
  EXPECT_THAT(Lock(1, 2), FailsWith(Errno::kENOMEM));
  LimitTo(0);
  EXPECT_THAT(Lock(0, 1), FailsWith(Errno::kEPERM));
  EXPECT_THAT(Munlock(mm_, At(0), kPage), Succeeds());
}

TEST_F(MlockTest, SharedMemoryIsFaultedInWithoutBeingWritten) {
  Map(0, 1, kRW, kAnonShared);
  EXPECT_THAT(Lock(0, 1), Succeeds());
  EXPECT_EQ(mm_.rss.shmem, PageCount(1));
  EXPECT_FALSE(machine_.EntryAt(mm_, At(0)).dirty());
}

TEST_F(MlockTest, OutOfMemoryInTheMiddleIsTryAgain) {
  Map(0, 2);
  Fill(0, 1);
  bool failed;
  FailNthAllocation(0, &failed);
  EXPECT_THAT(Lock(0, 2), FailsWith(Errno::kEAGAIN));
  machine_.FailAllocations(nullptr);
  EXPECT_EQ(mm_.locked_vm, PageCount(2));
}

TEST_F(MlockTest, AllJudgesItsFlags) {
  EXPECT_THAT(MlockAll(mm_, 0), FailsWith(Errno::kEINVAL));
  EXPECT_THAT(MlockAll(mm_, kOnFault), FailsWith(Errno::kEINVAL));
  EXPECT_THAT(MlockAll(mm_, 8), FailsWith(Errno::kEINVAL));
  LimitTo(0);
  EXPECT_THAT(MlockAll(mm_, kCurrent), FailsWith(Errno::kEPERM));
}

TEST_F(MlockTest, AllCurrentLocksWhatThereIs) {
  Map(0, 2);
  Map(4, 1, 0);
  EXPECT_THAT(MlockAll(mm_, kCurrent), Succeeds());
  EXPECT_EQ(mm_.locked_vm, PageCount(3));
  EXPECT_EQ(mm_.rss.anon, PageCount(2));
  Map(8, 1);
  EXPECT_EQ(mm_.locked_vm, PageCount(3));
  EXPECT_THAT(MunlockAll(mm_), Succeeds());
  EXPECT_EQ(mm_.locked_vm, PageCount(0));
}

TEST_F(MlockTest, AllFutureLocksWhatComes) {
  Map(0, 2);
  EXPECT_THAT(MlockAll(mm_, kFuture | kOnFault), Succeeds());
  EXPECT_EQ(mm_.locked_vm, PageCount(0));
  Map(4, 2);
  EXPECT_EQ(mm_.locked_vm, PageCount(2));
  EXPECT_EQ(mm_.rss.anon, PageCount(0));
  EXPECT_THAT(MunlockAll(mm_), Succeeds());
  Map(8, 2);
  EXPECT_EQ(mm_.locked_vm, PageCount(0));
}

TEST_F(MlockTest, AllCurrentIsHeldToTheLimitAsAWhole) {
  Map(0, 3);
  LimitTo(2);
  EXPECT_THAT(MlockAll(mm_, kCurrent), FailsWith(Errno::kENOMEM));
  EXPECT_EQ(mm_.locked_vm, PageCount(0));
  EXPECT_THAT(MlockAll(mm_, kFuture), Succeeds());
  MmapRequest r = Request(At(8), 3, kRW, kAnon);
  EXPECT_THAT(Mmap(mm_, r), FailsWith(Errno::kEAGAIN));
}

}  // namespace
}  // namespace faultline::mm
