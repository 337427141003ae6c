// Covers: guest_mm/reclaim/folio_referenced.cc

#include "guest_mm/reclaim/shrink_folio.h"

#include "guest_mm/calls/advice.h"
#include "guest_mm/reclaim/folio_referenced.h"
#include "tests/guest_mm/testing/swap_fixture.h"

namespace faultline::mm {
namespace {

class ShrinkFolioTest : public SwapTest {
 protected:
  ShrinkFolioTest() {
    Map(0, 4);
    Fill(0, 4);
  }
  Fate Shrink(uint64_t page) {
    MemoryManager& system = machine_.system();
    const Pfn pfn = EntryOf(page).pfn();
    Isolate(system, pfn);
    const Fate fate = ShrinkOrPutBack(system, pfn, UseCheck::kHeed);
    machine_.ValidateStep();
    return fate;
  }
};

TEST_F(ShrinkFolioTest, UsedPageGetsASecondChanceAndAThird) {
  EXPECT_EQ(Shrink(0), Fate::kKeep);  // the store that made it
  EXPECT_FALSE(EntryOf(0).young());
  EXPECT_EQ(FrameOf(0).lru, Lru::kInactiveAnon);
  EXPECT_EQ(Load(0), 1);
  EXPECT_EQ(Shrink(0), Fate::kActivate);
  EXPECT_EQ(FrameOf(0).lru, Lru::kActiveAnon);
  EXPECT_EQ(Shrink(0), Fate::kFreed);
  EXPECT_EQ(Load(0), 1);
}

TEST_F(ShrinkFolioTest, PageOfTwoThatBothUseItIsActive) {
  AddressSpace& child = Fork();
  EXPECT_EQ(machine_.Load(child, At(0)), 1);
  EXPECT_EQ(Load(0), 1);
  EXPECT_EQ(Shrink(0), Fate::kActivate);
  EXPECT_FALSE(machine_.EntryAt(child, At(0)).young());
  EXPECT_EQ(Shrink(0), Fate::kFreed);
  EXPECT_TRUE(machine_.EntryAt(child, At(0)).swap());
  EXPECT_EQ(swap().count(EntryOf(0).slot()), 2u);
}

TEST_F(ShrinkFolioTest, LockedMemoryStays) {
  ASSERT_THAT(Mlock(mm_, At(1), kPage, MlockOnFault::kNo), Succeeds());
  EXPECT_EQ(Shrink(1), Fate::kActivate);
  EXPECT_EQ(PageOut(machine_, EntryOf(1).pfn()), Fate::kActivate);
  EXPECT_TRUE(EntryOf(1).present());
  EXPECT_EQ(Used(), 1u);  // until somebody needs the slot
  ASSERT_THAT(Munlock(mm_, At(1), kPage), Succeeds());
  EXPECT_EQ(PageOut(machine_, EntryOf(1).pfn()), Fate::kFreed);
}

TEST_F(ShrinkFolioTest, PageThatSomebodyHoldsIsWrittenButStaysInTheCache) {
  const Pfn pfn = EntryOf(2).pfn();
  machine_.Hold(pfn);
  EXPECT_EQ(PageOut(machine_, pfn), Fate::kKeep);
  EXPECT_TRUE(EntryOf(2).swap());
  EXPECT_EQ(swap().cached(), PageCount(1));
  EXPECT_EQ(Load(2), 3);
  EXPECT_EQ(EntryOf(2).pfn(), pfn);
  machine_.LetGo(pfn);
}

TEST_F(ShrinkFolioTest, WhatIsGivenUpGoesWithoutSwapUnlessWrittenTo) {
  ASSERT_THAT(Madvise(mm_, At(0), 2 * kPage, int(Advice::kFree)), Succeeds());
  EXPECT_EQ(FrameOf(0).lru, Lru::kInactiveFile);
  ASSERT_TRUE(Store(1, 77));
  EXPECT_EQ(Shrink(0), Fate::kFreed);
  EXPECT_EQ(PageOut(machine_, EntryOf(1).pfn()), Fate::kActivate);
  EXPECT_TRUE(EntryOf(0).none());
  EXPECT_EQ(Load(0), 0);
  EXPECT_EQ(Load(1), 77);
  EXPECT_EQ(FrameOf(1).lru, Lru::kActiveAnon);
  EXPECT_EQ(Used(), 0u);
  EXPECT_EQ(counters().pglazyfree, 2u);
  EXPECT_EQ(counters().pglazyfreed, 1u);
}

TEST_F(ShrinkFolioTest, WhatMayBeDroppedGoesWithoutSwapThoughWrittenTo) {
  constexpr int kMapDroppable = 0x08;
  Map(8, 1, kRW, kMapDroppable | kMapAnonymous);
  ASSERT_TRUE(Store(8, 77));
  EXPECT_EQ(FrameOf(8).lru, Lru::kInactiveFile);
  EXPECT_EQ(PageOut(machine_, EntryOf(8).pfn()), Fate::kFreed);
  EXPECT_TRUE(EntryOf(8).none());
  EXPECT_EQ(Used(), 0u);
  EXPECT_EQ(counters().pglazyfreed, 1u);
}

TEST_F(ShrinkFolioTest, NoSwapKeepsAnonymousPages) {
  TestMachine bare(x86::Ops());
  AddressSpace& mm = bare.NewSpace();
  bare.Map(mm, kBase, kPage, Prot::RW());
  ASSERT_TRUE(bare.Store(mm, At(0), 1));
  EXPECT_EQ(PageOut(bare, bare.EntryAt(mm, At(0)).pfn()), Fate::kActivate);
  EXPECT_EQ(bare.Load(mm, At(0)), 1);
}

TEST_F(ShrinkFolioTest, MemoryFileHasNowhereToGo) {
  auto file = machine_.NewFile(Mapping::Kind::kRegular, "x");
  EXPECT_EQ(machine_.phys().frame(*file->mapping().Find(0)).lru,
            Lru::kUnevictable);
}

TEST_F(ShrinkFolioTest, ReferencesAreCountedAndTaken) {
  Frame& page = FrameOf(3);
  const Pfn pfn = EntryOf(3).pfn();
  page.lock.Acquire();
  EXPECT_EQ(FolioReferenced(machine_.system(), pfn).entries, 1u);
  EXPECT_EQ(FolioReferenced(machine_.system(), pfn).entries, 0u);
  page.lock.Release();
  EXPECT_EQ(Load(3), 4);  // through the TLB, which was flushed
  EXPECT_TRUE(EntryOf(3).young());
}

}  // namespace
}  // namespace faultline::mm
