#include "tests/guest_mm/testing/calls_fixture.h"

namespace faultline::mm {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class BrkTest : public CallsTest {
 protected:
  BrkTest() { SetupBrk(mm_, At(0) - 5); }
  uint64_t Break(GuestAddr to) { return (Brk(mm_, to) - kBase).value(); }
};

TEST_F(BrkTest, StartsAtAPage) {
  EXPECT_EQ(mm_.start_brk, At(0));
  EXPECT_EQ(Break(GuestAddr(0)), 0u);
}

TEST_F(BrkTest, GrowsAndShrinksByWholePagesButRemembersBytes) {
  EXPECT_EQ(Break(At(2) + 1), 2 * kPage + 1);
  EXPECT_THAT(Rows(), ElementsAre("0-3 rw-p"));
  Fill(0, 3);
  EXPECT_EQ(Break(At(2) + 9), 2 * kPage + 9);
  EXPECT_EQ(Break(At(1)), kPage);
  EXPECT_THAT(Rows(), ElementsAre("0-1 rw-p"));
  EXPECT_EQ(Break(At(2)), 2 * kPage);
  EXPECT_THAT(Rows(), ElementsAre("0-2 rw-p"));
  EXPECT_EQ(Load(0), 1);
  EXPECT_EQ(Load(1), 0);
}

TEST_F(BrkTest, ShrinksToNothing) {
  EXPECT_EQ(Break(At(2)), 2 * kPage);
  EXPECT_EQ(Break(At(0)), 0u);
  EXPECT_THAT(Rows(), IsEmpty());
}

TEST_F(BrkTest, BelowTheStartIsRefused) {
  EXPECT_EQ(Break(At(1)), kPage);
  EXPECT_EQ(Break(At(0) - 1), kPage);
}

TEST_F(BrkTest, EndOfTheAddressSpaceIsRefused) {
  EXPECT_EQ(Break(At(1)), kPage);
  EXPECT_EQ(Break(GuestAddr(~uint64_t{0})), kPage);
  EXPECT_EQ(Break(x86::Ops().layout().user_end + kPage), kPage);
  EXPECT_THAT(Rows(), ElementsAre("0-1 rw-p"));
}

TEST_F(BrkTest, OnePageStaysFreeBelowTheNextMapping) {
  Map(4, 1);
  EXPECT_EQ(Break(At(4)), 0u);
  EXPECT_EQ(Break(At(3)), 3 * kPage);
}

TEST_F(BrkTest, StackGuardIsKept) {
  Map(1000, 1, kRW, kAnon | kMapGrowsDown);
  const uint64_t gap = machine_.system().sysctl().stack_guard_gap_pages;
  EXPECT_EQ(Break(At(1000 - gap)), 0u);
  EXPECT_EQ(Break(At(1000 - gap - 1)), (1000 - gap - 1) * kPage);
}

TEST_F(BrkTest, DataLimitCountsTheProgramsDataToo) {
  mm_.start_data = GuestAddr(0x1000);
  mm_.end_data = GuestAddr(0x3000);
  mm_.limits.data = 4 * kPage;
  EXPECT_EQ(Break(At(3)), 0u);
  EXPECT_EQ(Break(At(2)), 2 * kPage);
}

TEST_F(BrkTest, AddressSpaceLimitIsKept) {
  mm_.limits.as = 2 * kPage;
  EXPECT_EQ(Break(At(3)), 0u);
  EXPECT_EQ(Break(At(2)), 2 * kPage);
}

TEST_F(BrkTest, HeapIsNotTakenForTheMappingAboveIt) {
  Map(2, 1);
  ASSERT_THAT(Munmap(mm_, At(2), kPage), Succeeds());
  EXPECT_EQ(Break(At(1)), kPage);
  Map(3, 1);
  EXPECT_EQ(Break(At(2)), 2 * kPage);
  EXPECT_THAT(Rows(), ElementsAre("0-2 rw-p", "3-4 rw-p"));
}

TEST_F(BrkTest, FutureLocksHoldForTheHeap) {
  ASSERT_THAT(MlockAll(mm_, 2), Succeeds());
  EXPECT_EQ(Break(At(2)), 2 * kPage);
  EXPECT_EQ(mm_.rss.anon, PageCount(2));
  EXPECT_EQ(mm_.locked_vm, PageCount(2));
}

TEST_F(BrkTest, ChildOfAForkGrowsAHeapOfItsOwn) {
  EXPECT_EQ(Break(At(1)), kPage);
  Fill(0, 1);
  AddressSpace& child = machine_.Adopt(*DupMm(mm_));
  EXPECT_EQ(Brk(child, At(2)), At(2));
  EXPECT_THAT(Rows(child), ElementsAre("0-1 rw-p", "1-2 rw-p"));
  EXPECT_EQ(Break(At(2)), 2 * kPage);
  EXPECT_THAT(Rows(), ElementsAre("0-2 rw-p"));
}

}  // namespace
}  // namespace faultline::mm
