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
  EXPECT_EQ(copy.anon_vma->parent(), VmaAt(0).anon_vma.get());
  ASSERT_THAT(Mmap(child, Request(At(2), 1, 1, kAnon | kMapFixed)), Succeeds());
  Vma& neighbour = *child.vmas().Find(At(2));
  ASSERT_THAT(PrepareAnonVma(neighbour), Succeeds());
  EXPECT_NE(neighbour.anon_vma, copy.anon_vma);
}

// Linux gives the grandchild the first AnonVma of its chain that is nobody's
// own, which is never the root.
TEST_F(AnonVmaTest, ForkHandsOnOneThatNobodyUsesAnyMore) {
  Map(0, 1);
  Fill(0, 1);
  std::shared_ptr<AddressSpace> child = *DupMm(mm_);
  const AnonVma* const childs = child->vmas().Find(At(0))->anon_vma.get();
  std::shared_ptr<AddressSpace> grandchild = *DupMm(*child);
  const AnonVma* const grandchilds =
      grandchild->vmas().Find(At(0))->anon_vma.get();
  EXPECT_NE(grandchilds, childs) << "the child is using its own";
  child = nullptr;
  std::shared_ptr<AddressSpace> next = *DupMm(*grandchild);
  EXPECT_EQ(next->vmas().Find(At(0))->anon_vma.get(), childs);
  std::shared_ptr<AddressSpace> another = *DupMm(*grandchild);
  EXPECT_NE(another->vmas().Find(At(0))->anon_vma.get(), childs);
  EXPECT_NE(another->vmas().Find(At(0))->anon_vma.get(), grandchilds);
  for (const auto& mm : {grandchild, next, another}) {
    machine_.Adopt(mm);
  }
  machine_.Validate();
}

TEST_F(AnonVmaTest, WithTwoChildrenItIsNotHandedOn) {
  Map(0, 1);
  Fill(0, 1);
  std::shared_ptr<AddressSpace> child = *DupMm(mm_);
  const AnonVma* const childs = child->vmas().Find(At(0))->anon_vma.get();
  const std::shared_ptr<AddressSpace> first = *DupMm(*child);
  const std::shared_ptr<AddressSpace> second = *DupMm(*child);
  child = nullptr;
  const std::shared_ptr<AddressSpace> next = *DupMm(*first);
  EXPECT_NE(next->vmas().Find(At(0))->anon_vma.get(), childs);
}

// A page of each generation stays mapped by all that follow.
TEST_F(AnonVmaTest, DaemonThatForksAndExitsForEverCostsNoMoreEachTime) {
  Map(0, 4);
  Fill(0, 1);
  std::shared_ptr<AddressSpace> mm = *DupMm(mm_);
  size_t after_ten = 0;
  for (int i = 0; i < 100'000; ++i) {
    const Fault store{.address = At(uint64_t(i) % 4),
                      .access = Access::kWrite,
                      .mode = Mode::kUser};
    ASSERT_TRUE(HandlePageFault(*mm, store).handled());
    mm = *DupMm(*mm);
    if (i == 10) {
      after_ten = machine_.system().slab().charged();
    }
  }
  EXPECT_EQ(machine_.system().slab().charged(), after_ten);
  machine_.Adopt(mm);
  machine_.Validate();
}

TEST_F(AnonVmaTest, ItIsPaidForUntilTheLastPageThatPointsToItGoes) {
  Map(0, 1);
  const size_t before = machine_.system().slab().charged();
  Fill(0, 1);
  const size_t one = machine_.system().slab().charged() - before;
  EXPECT_GT(one, sizeof(AnonVma));
  {
    const std::shared_ptr<AddressSpace> child = *DupMm(mm_);
    EXPECT_GT(machine_.system().slab().charged(), before + 2 * one);
  }
  EXPECT_EQ(machine_.system().slab().charged(), before + one);
  ASSERT_THAT(Munmap(mm_, At(0), kPage), Succeeds());
  EXPECT_LT(machine_.system().slab().charged(), before);
}

}  // namespace
}  // namespace faultline::mm
