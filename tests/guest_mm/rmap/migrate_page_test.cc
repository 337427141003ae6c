#include "guest_mm/rmap/migrate_page.h"

#include "guest_mm/rmap/pin.h"
#include "tests/guest_mm/testing/swap_fixture.h"

namespace faultline::mm {
namespace {

class MigratePageTest : public SwapTest {
 protected:
  MigratePageTest() {
    Map(0, 2);
    Fill(0, 2);
  }

  // Moves the page at At(page); `*old` is where it was.
  Errno Move(uint64_t page, Pfn* old) ABSL_NO_THREAD_SAFETY_ANALYSIS {
    *old = EntryOf(page).pfn();
    PhysMem& phys = machine_.phys();
    phys.Get(*old);
    phys.frame(*old).lock.Acquire();
    const Errno error = MigratePage(machine_.system(), *old).error();
    phys.frame(*old).lock.Release();
    machine_.system().swap().PutPage(*old);
    machine_.ValidateStep();
    return error;
  }
};

TEST_F(MigratePageTest, EntryLeadsToAnotherFrameWithTheSameBytes) {
  const Entry before = EntryOf(0);
  Pfn old;
  ASSERT_EQ(Move(0, &old), Errno::kOk);
  EXPECT_NE(EntryOf(0).pfn(), old);
  EXPECT_EQ(EntryOf(0).flags, before.flags);
  EXPECT_EQ(Load(0), 1);
  EXPECT_TRUE(FrameOf(0).anon_exclusive);
  EXPECT_EQ(machine_.phys().frame(old).use, FrameUse::kFree);
  EXPECT_EQ(mm_.rss.anon, PageCount(2));
  EXPECT_EQ(machine_.system().counters().migrate_success, 1u);
}

TEST_F(MigratePageTest, EntriesOfAFamilyAllFollow) {
  AddressSpace& child = Fork();
  Pfn old;
  ASSERT_EQ(Move(0, &old), Errno::kOk);
  EXPECT_EQ(machine_.EntryAt(child, At(0)).pfn(), EntryOf(0).pfn());
  EXPECT_EQ(FrameOf(0).mapcount, 2);
  ASSERT_TRUE(machine_.Store(child, At(0), 9));
  EXPECT_EQ(Load(0), 1);
}

TEST_F(MigratePageTest, AllStaysIfSomebodyElseHoldsThePage) {
  const Pfn page = EntryOf(0).pfn();
  machine_.Hold(page);
  const Entry before = EntryOf(0);
  Pfn old;
  EXPECT_EQ(Move(0, &old), Errno::kEAGAIN);
  EXPECT_EQ(EntryOf(0), before);
  EXPECT_EQ(FrameOf(0).lru, Lru::kInactiveAnon);
  EXPECT_EQ(machine_.system().counters().migrate_fail, 1u);
  machine_.LetGo(page);
  EXPECT_EQ(Move(0, &old), Errno::kOk);
}

TEST_F(MigratePageTest, AllStaysIfThereIsNoFrameToMoveTo) {
  bool failed = false;
  FailNthAllocation(0, &failed);
  Pfn old;
  EXPECT_EQ(Move(0, &old), Errno::kENOMEM);
  EXPECT_TRUE(failed);
  EXPECT_EQ(EntryOf(0).pfn(), old);
}

TEST_F(MigratePageTest, PageOfTheSwapCacheKeepsItsSlot) {
  AddressSpace& child = Fork();
  SwapOutPage(0);
  ASSERT_EQ(Load(0), 1);  // read back; the child's entry still holds the slot
  const SwapSlot slot = FrameOf(0).swap_slot;
  ASSERT_TRUE(bool(slot));
  Pfn old;
  ASSERT_EQ(Move(0, &old), Errno::kOk);
  EXPECT_EQ(FrameOf(0).swap_slot, slot);
  EXPECT_EQ(swap().Cached(slot), EntryOf(0).pfn());
  EXPECT_EQ(machine_.Load(child, At(0)), 1);
  EXPECT_EQ(machine_.EntryAt(child, At(0)).pfn(), EntryOf(0).pfn());
}

TEST_F(MigratePageTest, FilePageMovesInThePageCacheToo) {
  const auto file = machine_.NewFile(Mapping::Kind::kShmem, "abc");
  MapFile(8, 1, kRW, kMapShared, file);
  MapFile(9, 1, kRW, kMapShared, file);
  ASSERT_EQ(Load(8), 'a');
  ASSERT_TRUE(Store(9, 'x'));
  Pfn old;
  ASSERT_EQ(Move(8, &old), Errno::kOk);
  EXPECT_EQ(*file->mapping().Find(0), EntryOf(8).pfn());
  EXPECT_EQ(EntryOf(9).pfn(), EntryOf(8).pfn());
  EXPECT_EQ(Load(8), 'x');
  EXPECT_EQ(machine_.phys().frame(old).use, FrameUse::kFree);
}

}  // namespace
}  // namespace faultline::mm
