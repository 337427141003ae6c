#include "guest_mm/calls/unmap.h"
#include "tests/guest_mm/testing/calls_fixture.h"

namespace faultline::mm {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class MunmapTest : public CallsTest {};

TEST_F(MunmapTest, ArgumentsAreJudged) {
  const GuestAddr end = x86::Ops().layout().user_end;
  EXPECT_THAT(Munmap(mm_, At(0) + 1, kPage), FailsWith(Errno::kEINVAL));
  EXPECT_THAT(Munmap(mm_, At(0), 0), FailsWith(Errno::kEINVAL));
  EXPECT_THAT(Munmap(mm_, end + kPage, kPage), FailsWith(Errno::kEINVAL));
  EXPECT_THAT(Munmap(mm_, end - kPage, 2 * kPage), FailsWith(Errno::kEINVAL));
  EXPECT_THAT(Munmap(mm_, At(0), ~uint64_t{0}), FailsWith(Errno::kEINVAL));
}

TEST_F(MunmapTest, NothingMappedIsNoError) {
  EXPECT_THAT(Munmap(mm_, At(0), kPage), Succeeds());
}

TEST_F(MunmapTest, UnalignedLengthIsRoundedUp) {
  Map(0, 4);
  EXPECT_THAT(Munmap(mm_, At(0), kPage + 1), Succeeds());
  EXPECT_THAT(Rows(), ElementsAre("2-4 rw-p"));
}

TEST_F(MunmapTest, HoleInTheMiddleSplits) {
  Map(0, 4);
  Fill(0, 4);
  EXPECT_THAT(Munmap(mm_, At(1), 2 * kPage), Succeeds());
  EXPECT_THAT(Rows(), ElementsAre("0-1 rw-p", "3-4 rw-p"));
  EXPECT_EQ(mm_.rss.anon, PageCount(2));
  EXPECT_EQ(Load(0), 1);
  EXPECT_EQ(Load(1), -1);
  EXPECT_EQ(Load(3), 4);
}

TEST_F(MunmapTest, SpansSeveralMappingsAndHoles) {
  Map(0, 2);
  Map(3, 2, 1);
  Map(6, 2, kRW, kAnonShared);
  EXPECT_THAT(Munmap(mm_, At(1), 6 * kPage), Succeeds());
  EXPECT_THAT(Rows(), ElementsAre("0-1 rw-p", "7-8 rw-s"));
}

TEST_F(MunmapTest, HoleAtTheMapLimitIsRefusedButAnEdgeIsNot) {
  Map(0, 4);
  machine_.system().sysctl().max_map_count = 1;
  EXPECT_THAT(Munmap(mm_, At(1), kPage), FailsWith(Errno::kENOMEM));
  EXPECT_THAT(Rows(), ElementsAre("0-4 rw-p"));
  EXPECT_THAT(Munmap(mm_, At(0), kPage), Succeeds());
  EXPECT_THAT(Munmap(mm_, At(3), kPage), Succeeds());
  EXPECT_THAT(Rows(), ElementsAre("1-3 rw-p"));
}

TEST_F(MunmapTest, TablesLeftEmptyAreFreed) {
  const PageCount before = mm_.page_table().tables();
  Map(0, 4);
  Fill(0, 4);
  EXPECT_GT(mm_.page_table().tables(), before);
  EXPECT_THAT(Munmap(mm_, At(0), 4 * kPage), Succeeds());
  EXPECT_THAT(Rows(), IsEmpty());
  EXPECT_EQ(mm_.page_table().tables(), before);
}

TEST_F(MunmapTest, TableSharedWithANeighbourStays) {
  Map(0, 4);
  Map(6, 1, 1);
  Fill(0, 4);
  EXPECT_EQ(Load(6), 0);
  EXPECT_THAT(Munmap(mm_, At(0), 4 * kPage), Succeeds());
  EXPECT_TRUE(Present(6));
}

TEST_F(MunmapTest, PeakSizeIsRemembered) {
  Map(0, 9);
  EXPECT_THAT(Munmap(mm_, At(0), 9 * kPage), Succeeds());
  EXPECT_EQ(mm_.total_vm, PageCount(0));
  EXPECT_EQ(mm_.hiwater_vm, PageCount(9));
}

TEST_F(MunmapTest, SealedMemoryStays) {
  Map(0, 4);
  mm_.vmas().SetFlags(VmaAt(0), VmaAt(0).flags | VmaFlag::kSealed);
  EXPECT_THAT(Munmap(mm_, At(1), kPage), FailsWith(Errno::kEPERM));
  EXPECT_THAT(Rows(), ElementsAre("0-4 rw-p"));
}

}  // namespace
}  // namespace faultline::mm
