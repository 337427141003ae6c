#include "guest_mm/vma/anon_vma.h"

#include "tests/guest_mm/testing/calls_fixture.h"

namespace faultline::mm {
namespace {

using testing::ElementsAre;

class AnonVmaTest : public CallsTest {};

TEST_F(AnonVmaTest, FirstFaultGivesOneAndItStays) {
  Map(0, 2);
  EXPECT_EQ(VmaAt(0).anon_vma, nullptr);
  Fill(0, 1);
  const auto first = VmaAt(0).anon_vma;
  ASSERT_NE(first, nullptr);
  EXPECT_FALSE(first->inherited());
  EXPECT_THAT(PrepareAnonVma(VmaAt(0)), Succeeds());
  EXPECT_EQ(VmaAt(0).anon_vma, first);
}

TEST_F(AnonVmaTest, NeighbourThatCouldMergeButForItsRightsLendsIts) {
  Map(0, 2);
  Fill(0, 1);
  constexpr uint64_t kRWX = 7;
  Map(2, 2, kRWX);
  ASSERT_THAT(PrepareAnonVma(VmaAt(2)), Succeeds());
  EXPECT_EQ(VmaAt(2).anon_vma, VmaAt(0).anon_vma);
  // mprotect() would not take these two differences away.
  Map(4, 1, kRW, kAnon | kMapNoReserve);
  ASSERT_THAT(PrepareAnonVma(VmaAt(4)), Succeeds());
  EXPECT_NE(VmaAt(4).anon_vma, VmaAt(0).anon_vma);
}

TEST_F(AnonVmaTest, SplitHalvesShareIt) {
  Map(0, 4);
  Fill(0, 4);
  ASSERT_THAT(Mprotect(mm_, At(2), kPage, 1), Succeeds());
  EXPECT_EQ(VmaAt(2).anon_vma, VmaAt(0).anon_vma);
  EXPECT_EQ(VmaAt(3).anon_vma, VmaAt(0).anon_vma);
}

TEST_F(AnonVmaTest, ForkGivesTheChildItsOwnAndNobodyBorrowsIt) {
  Map(0, 2);
  Fill(0, 1);
  AddressSpace& child = machine_.Adopt(*DupMm(mm_));
  Vma& copy = *child.vmas().Find(At(0));
  EXPECT_TRUE(copy.anon_vma->inherited());
  EXPECT_EQ(copy.anon_vma->parent(), VmaAt(0).anon_vma);
  ASSERT_THAT(Mmap(child, Request(At(2), 1, 1, kAnon | kMapFixed)), Succeeds());
  Vma& neighbour = *child.vmas().Find(At(2));
  ASSERT_THAT(PrepareAnonVma(neighbour), Succeeds());
  EXPECT_NE(neighbour.anon_vma, copy.anon_vma);
}

}  // namespace
}  // namespace faultline::mm
