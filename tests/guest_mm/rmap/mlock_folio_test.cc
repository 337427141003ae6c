#include "guest_mm/rmap/mlock_folio.h"

#include "tests/guest_mm/testing/swap_fixture.h"

namespace faultline::mm {
namespace {

class MlockFolioTest : public SwapTest {
 protected:
  void Lock(uint64_t page, uint64_t pages) {
    ASSERT_THAT(Mlock(mm_, At(page), pages * kPage, MlockOnFault::kNo),
                Succeeds());
    machine_.ValidateStep();
  }
  void Unlock(uint64_t page, uint64_t pages) {
    ASSERT_THAT(Munlock(mm_, At(page), pages * kPage), Succeeds());
    machine_.ValidateStep();
  }
  uint64_t Unevictable() {
    return machine_.phys().lru().size(Lru::kUnevictable).value();
  }
  Lru ListOf(uint64_t page) { return FrameOf(page).lru; }
};

TEST_F(MlockFolioTest, PagesLeaveTheListsAndComeBack) {
  Map(0, 4);
  Fill(0, 4);
  Lock(1, 2);
  EXPECT_EQ(Unevictable(), 2u);
  EXPECT_EQ(counters().nr_mlock, 2u);
  EXPECT_EQ(ListOf(0), Lru::kInactiveAnon);
  EXPECT_EQ(ListOf(1), Lru::kUnevictable);
  Unlock(0, 4);
  EXPECT_EQ(Unevictable(), 0u);
  EXPECT_EQ(counters().nr_mlock, 0u);
  EXPECT_EQ(ListOf(1), Lru::kInactiveAnon);
  EXPECT_EQ(counters().unevictable_culled, 2u);
  EXPECT_EQ(counters().unevictable_rescued, 2u);
}

TEST_F(MlockFolioTest, PagesThatComeLaterAreLockedFromTheStart) {
  Map(0, 2);
  ASSERT_THAT(Mlock(mm_, At(0), 2 * kPage, MlockOnFault::kYes), Succeeds());
  EXPECT_EQ(Unevictable(), 0u);
  Fill(0, 2);
  EXPECT_EQ(Unevictable(), 2u);
  ASSERT_THAT(Munmap(mm_, At(0), kPage), Succeeds());
  EXPECT_EQ(Unevictable(), 1u);
  EXPECT_EQ(counters().nr_mlock, 1u);
}

TEST_F(MlockFolioTest, SharedPageStaysUntilItsLastLockHasGone) {
  const auto file = machine_.NewFile(Mapping::Kind::kShmem, "abc");
  MapFile(0, 1, kRW, kMapShared, file);
  MapFile(2, 1, kRW, kMapShared, file);
  ASSERT_EQ(Load(0), Load(2));
  Lock(0, 1);
  Lock(2, 1);
  EXPECT_EQ(FrameOf(0).mlock_count, 2);
  Unlock(0, 1);
  EXPECT_EQ(ListOf(0), Lru::kUnevictable);
  ASSERT_THAT(Munmap(mm_, At(2), kPage), Succeeds());
  EXPECT_EQ(ListOf(0), Lru::kInactiveAnon);
}

TEST_F(MlockFolioTest, CopyIsLockedInsteadOfTheOriginal) {
  Map(0, 1);
  Fill(0, 1);
  Lock(0, 1);
  AddressSpace& child = Fork();
  const Pfn original = EntryOf(0).pfn();
  ASSERT_TRUE(Store(0, 7));
  EXPECT_EQ(ListOf(0), Lru::kUnevictable);
  EXPECT_NE(EntryOf(0).pfn(), original);
  EXPECT_EQ(machine_.phys().frame(original).lru, Lru::kInactiveAnon);
  EXPECT_EQ(machine_.Load(child, At(0)), 1);
}

TEST_F(MlockFolioTest, WhatIsInHandMeanwhileGoesBackToTheRightList) {
  Map(0, 1);
  Fill(0, 1);
  const Pfn page = EntryOf(0).pfn();
  Isolate(machine_.system(), page);
  MlockFolio(machine_.system(), page);
  EXPECT_EQ(FrameOf(0).lru, Lru::kNone);
  PutBack(machine_.system(), page, Fate::kKeep);
  EXPECT_EQ(ListOf(0), Lru::kUnevictable);
  MunlockFolio(machine_.system(), page);
  EXPECT_EQ(ListOf(0), Lru::kInactiveAnon);
}

TEST_F(MlockFolioTest, FolioThatNothingMapsIsForgotten) {
  Map(0, 1);
  Fill(0, 1);
  MlockFolio(machine_.system(), EntryOf(0).pfn());  // one too many
  ASSERT_THAT(Munmap(mm_, At(0), kPage), Succeeds());
  EXPECT_EQ(counters().nr_mlock, 0u);
  EXPECT_EQ(counters().unevictable_cleared, 1u);
}

}  // namespace
}  // namespace faultline::mm
