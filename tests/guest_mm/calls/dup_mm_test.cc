// Covers: guest_mm/rmap/rmap.cc

#include "tests/guest_mm/testing/calls_fixture.h"

namespace faultline::mm {
namespace {

using testing::ElementsAre;

class DupMmTest : public CallsTest {
 protected:
  AddressSpace& Fork() { return machine_.Adopt(*DupMm(mm_)); }
};

TEST_F(DupMmTest, WritesAfterAForkAreSeenByOneSideOnly) {
  Map(0, 2);
  Fill(0, 2);
  AddressSpace& child = Fork();
  EXPECT_TRUE(Store(0, 50));
  EXPECT_TRUE(machine_.Store(child, At(1), 60));
  EXPECT_EQ(machine_.Load(child, At(0)), 1);
  EXPECT_EQ(Load(1), 2);
}

TEST_F(DupMmTest, SharedMemoryStaysShared) {
  Map(0, 1, kRW, kAnonShared);
  AddressSpace& child = Fork();
  EXPECT_TRUE(machine_.Store(child, At(0), 9));
  EXPECT_EQ(Load(0), 9);
}

TEST_F(DupMmTest, AdviceDecidesWhatTheChildGets) {
  Map(0, 1);
  Map(2, 1);
  Map(4, 1);
  Fill(0, 1);
  Fill(2, 1);
  Fill(4, 1);
  ASSERT_THAT(Madvise(mm_, At(0), kPage, 10), Succeeds());  // DONTFORK
  ASSERT_THAT(Madvise(mm_, At(2), kPage, 18), Succeeds());  // WIPEONFORK
  AddressSpace& child = Fork();
  EXPECT_THAT(Rows(child), ElementsAre("2-3 rw-p", "4-5 rw-p"));
  EXPECT_EQ(machine_.Load(child, At(2)), 0);
  EXPECT_EQ(machine_.Load(child, At(4)), 5);
  EXPECT_EQ(Load(2), 3);
}

TEST_F(DupMmTest, LocksAreNotInherited) {
  Map(0, 2, kRW, kAnon | kMapLocked);
  ASSERT_THAT(MlockAll(mm_, 2), Succeeds());
  AddressSpace& child = Fork();
  EXPECT_EQ(child.locked_vm, PageCount(0));
  EXPECT_TRUE(child.def_flags.empty());
  EXPECT_EQ(mm_.locked_vm, PageCount(2));
}

TEST_F(DupMmTest, CommittedMemoryIsPromisedTwice) {
  Map(0, 3);
  {
    const auto child = DupMm(mm_);
    ASSERT_THAT(child, Succeeds());
    EXPECT_EQ(machine_.system().committed(), PageCount(6));
  }
  EXPECT_EQ(machine_.system().committed(), PageCount(3));
}

TEST_F(DupMmTest, ForkThatCannotBePromisedFails) {
  machine_.system().sysctl().overcommit_memory = 2;
  Map(0, machine_.system().phys().total().value() * 3 / 10);
  EXPECT_THAT(DupMm(mm_), FailsWith(Errno::kENOMEM));
}

TEST_F(DupMmTest, LayoutIsTheParents) {
  SetupBrk(mm_, At(0));
  mm_.start_stack = At(9);
  mm_.limits.stack = 12345;
  AddressSpace& child = Fork();
  EXPECT_EQ(child.brk, At(0));
  EXPECT_EQ(child.start_stack, At(9));
  EXPECT_EQ(child.mmap_base, mm_.mmap_base);
  EXPECT_EQ(child.limits.stack, 12345u);
}

TEST_F(DupMmTest, MemoryTouchedBeforeTheForkDoesNotMergeInTheChild) {
  Map(0, 2);
  Fill(0, 2);
  AddressSpace& child = Fork();
  MmapRequest r = Request(At(2), 2, kRW, kAnon | kMapFixed);
  ASSERT_THAT(Mmap(child, r), Succeeds());
  EXPECT_THAT(Rows(child), ElementsAre("0-2 rw-p", "2-4 rw-p"));
  ASSERT_THAT(Mmap(mm_, r), Succeeds());
  EXPECT_THAT(Rows(), ElementsAre("0-4 rw-p"));
}

TEST_F(DupMmTest, FailureAtAnyAllocationLeavesTheParentWhole) {
  Map(0, 3);
  Map(600, 2, kRW, kAnonShared);
  Map(2000, 2);
  Fill(0, 3);
  Fill(600, 2);
  Fill(2000, 2);
  int failures = 0;
  for (int n = 0;; ++n) {
    bool failed = false;
    FailNthAllocation(n, &failed);
    {
      const auto child = DupMm(mm_);
      machine_.FailAllocations(nullptr);
      if (!failed) {
        EXPECT_THAT(child, Succeeds());
        break;
      }
      EXPECT_THAT(child, FailsWith(Errno::kENOMEM));
      ++failures;
    }
    machine_.Validate();
    EXPECT_EQ(mm_.rss.anon, PageCount(5));
    EXPECT_EQ(Load(2), 3);
  }
  EXPECT_GE(failures, 5) << "a root and four tables at least";
}

}  // namespace
}  // namespace faultline::mm
