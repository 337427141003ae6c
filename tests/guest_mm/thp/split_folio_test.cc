#include "guest_mm/thp/split_folio.h"

#include "guest_mm/thp/split_huge_pages.h"
#include "guest_mm/thp/split_pmd.h"
#include "tests/guest_mm/testing/huge_fixture.h"

namespace faultline::mm {
namespace {

class SplitFolioTest : public HugeTest {
 protected:
  // Of a version that keeps pages of zeros: most tests count every page.
  SplitFolioTest() : HugeTest(BehaviourSet({6, 6})) {
    Map(Huge(0), 2 * huge());
    Store(Huge(0), 10);
    Store(Huge(0, 7), 17);
    Store(Huge(1), 20);
  }
  Pfn HeadAt(GuestAddr a) { return m_.phys().HeadOf(m_.EntryAt(mm_, a).pfn()); }
  // With the lock and the reference that it asks for.
  ErrnoOr<Done> Split(Pfn page) {
    PhysMem& phys = m_.phys();
    phys.Get(page);
    phys.folio(page).lock.Acquire();
    const ErrnoOr<Done> result = SplitFolio(m_.system(), page);
    phys.folio(page).lock.Release();
    phys.Put(page);
    m_.ValidateStep();
    return result;
  }
};
INSTANTIATE_HUGE_TEST(SplitFolioTest);

TEST_P(SplitFolioTest, ThePagesBecomeFoliosOfTheirOwnWhereTheyWere) {
  const Pfn head = HeadAt(Huge(0));
  ASSERT_TRUE(Split(head + 7).ok());
  for (uint64_t i = 0; i < huge_pages(); ++i) {
    const Frame& f = m_.phys().frame(head + i);
    ASSERT_TRUE(f.order == 0 && f.use == FrameUse::kAnon) << i;
    ASSERT_EQ(f.refcount, 1) << i;
    ASSERT_EQ(m_.EntryAt(mm_, Huge(0, i)).pfn(), head + i);
  }
  EXPECT_EQ(Load(Huge(0)), 10);
  EXPECT_EQ(Load(Huge(0, 7)), 17);
  EXPECT_TRUE(IsHuge(Huge(1)));
  EXPECT_EQ(thp().counters.split_page, 1u);
  EXPECT_EQ(mm_.rss.anon, PageCount(2 * huge_pages()));
  ASSERT_TRUE(Store(Huge(0, 3), 1));  // still exclusive
  EXPECT_EQ(m_.system().counters().cow_copies, 0u);
}

TEST_P(SplitFolioTest, APinnedOneStaysWhole) {
  const Pfn head = HeadAt(Huge(0));
  m_.Hold(head + 3);
  EXPECT_EQ(Split(head).error(), Errno::kEAGAIN);
  EXPECT_EQ(thp().counters.split_page_failed, 1u);
  EXPECT_TRUE(IsHuge(Huge(0)));
  m_.LetGo(head + 3);
  EXPECT_TRUE(Split(head).ok());
}

TEST_P(SplitFolioTest, OneThatNobodyMapsIsRefused) {
  const Pfn head = HeadAt(Huge(0));
  m_.Hold(head);
  ASSERT_TRUE(Munmap(mm_, Huge(0), huge()).ok());
  EXPECT_EQ(Split(head).error(), Errno::kEBUSY);
  m_.LetGo(head);
}

TEST_P(SplitFolioTest, AForkedOneIsSplitInBothAndStillShared) {
  AddressSpace& child = m_.Adopt(*DupMm(mm_));
  ASSERT_TRUE(Split(HeadAt(Huge(0))).ok());
  EXPECT_EQ(m_.FrameAt(child, Huge(0, 7)).mapcount, 2);
  ASSERT_TRUE(m_.Store(child, Huge(0, 7), 99));
  EXPECT_EQ(Load(Huge(0, 7)), 17);
  EXPECT_EQ(m_.Load(child, Huge(0)), 10);
}

TEST_P(SplitFolioTest, PagesThatNoEntryLeadsToAreFreed) {
  ASSERT_TRUE(Munmap(mm_, Huge(0, 8), huge() - 8 * page()).ok());
  const Pfn head = HeadAt(Huge(0));
  const PageCount free = m_.phys().free();
  ASSERT_TRUE(Split(head).ok());
  EXPECT_EQ(m_.phys().free(), free + PageCount(huge_pages() - 8));
  EXPECT_TRUE(m_.phys().deferred_split().empty());
  EXPECT_EQ(Load(Huge(0, 7)), 17);
}

TEST_P(SplitFolioTest, LockedMemoryIsSplitToo) {
  ASSERT_TRUE(Mlock(mm_, Huge(0), huge(), MlockOnFault::kNo).ok());
  ASSERT_TRUE(Split(HeadAt(Huge(0))).ok());
  EXPECT_EQ(Load(Huge(0, 7)), 17);
}

TEST_P(SplitFolioTest, WantOfMemoryFreesWhatPartsOfFoliosKeep) {
  ASSERT_TRUE(Munmap(mm_, Huge(0, 8), huge() - 8 * page()).ok());
  ASSERT_TRUE(Munmap(mm_, Huge(1), 16 * page()).ok());
  const Pfn pinned = HeadAt(Huge(1, 16));
  m_.Hold(pinned);
  EXPECT_EQ(SplitDeferred(m_.system(), 10), PageCount(huge_pages() - 8));
  EXPECT_EQ(m_.phys().deferred_split().size(), 1u);
  m_.LetGo(pinned);
  EXPECT_EQ(SplitDeferred(m_.system(), 10), PageCount(16));
  EXPECT_EQ(SplitDeferred(m_.system(), 10), PageCount(0));
  EXPECT_EQ(Load(Huge(0, 7)), 17);
}

TEST_P(SplitFolioTest, PagesOfZerosGiveWayToTheSharedOneSince612) {
  TestMachine m(*GetParam(), 16 << 20, 0, BehaviourSet({6, 12}));
  m.system().thp().settings.enabled = ThpEnabled::kAlways;
  AddressSpace& mm = m.NewSpace();
  m.Map(mm, kBase, huge(), Prot::RW());
  ASSERT_TRUE(m.Store(mm, Huge(0, 7) + 100, 17));
  const PageCount free = m.phys().free();
  const SplitCount count = SplitAllHugePages(m.system());
  EXPECT_EQ(count.split, 1u);
  EXPECT_EQ(mm.rss.anon, PageCount(1));
  EXPECT_EQ(m.phys().free(), free + PageCount(huge_pages() - 1));
  EXPECT_TRUE(m.EntryAt(mm, Huge(0, 6)).special());
  EXPECT_EQ(m.Load(mm, Huge(0, 7) + 100), 17);
  ASSERT_TRUE(m.Store(mm, Huge(0, 6), 6));
  EXPECT_EQ(m.Load(mm, Huge(0, 5)), 0);
}

TEST_P(SplitFolioTest, TheSharedPageOfZerosKeepsTheEntrysMarks) {
  TestMachine m(*GetParam(), 16 << 20, 0, BehaviourSet({6, 12}));
  m.system().thp().settings.enabled = ThpEnabled::kAlways;
  AddressSpace& mm = m.NewSpace();
  m.Map(mm, kBase, huge(), Prot::RW());
  ASSERT_TRUE(m.Store(mm, Huge(0, 7) + 100, 17));
  SplitHugePmd(mm, *mm.vmas().Find(Huge(0)), Huge(0));
  PageTable& table = mm.page_table();
  const EntryRef marked = table.Find(Huge(0, 6), 0);
  Entry e = table.Get(marked);
  e.flags = e.flags.without(EntryFlag::kWrite)
                .with(EntryFlag::kUffdWp)
                .with(EntryFlag::kSoftDirty);
  table.Set(marked, e);
  SplitAllHugePages(m.system());
  const Entry after = m.EntryAt(mm, Huge(0, 6));
  EXPECT_TRUE(after.special());
  EXPECT_TRUE(after.flags.has(EntryFlag::kUffdWp));
  EXPECT_TRUE(after.flags.has(EntryFlag::kSoftDirty));
  EXPECT_FALSE(m.EntryAt(mm, Huge(0, 5)).flags.has(EntryFlag::kUffdWp));
}

// Others load, store, fork, unmap and move while it is split: under every
// schedule the counts stay whole and every byte is found.
TEST_P(SplitFolioTest, RacesWithThoseWhoUseThePages) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(seed);
    TestMachine m(*GetParam(), 16 << 20);
    m.system().thp().settings.enabled = ThpEnabled::kAlways;
    AddressSpace& mm = m.NewSpace();
    m.Map(mm, kBase, huge(), Prot::RW());
    ASSERT_TRUE(m.Store(mm, Huge(0, 1), 1));
    ASSERT_TRUE(m.Store(mm, Huge(0, 9), 9));
    const Pfn head = m.EntryAt(mm, Huge(0)).pfn();
    AddressSpace* child = nullptr;
    {
      Scheduler scheduler(MakeRandom(seed));
      scheduler.Spawn("split", [&] {
        m.phys().Get(head);
        LockGuard guard(m.phys().frame(head).lock);
        const ErrnoOr<Done> result = SplitFolio(m.system(), head);
        EXPECT_TRUE(result.ok() || result.error() == Errno::kEAGAIN);
      });
      scheduler.Spawn("store", [&] { m.Store(mm, Huge(0, 1) + 1, 2); });
      scheduler.Spawn("load", [&] { EXPECT_EQ(m.Load(mm, Huge(0, 9)), 9); });
      scheduler.Spawn("fork", [&] { child = &m.Adopt(*DupMm(mm)); });
      scheduler.Spawn("zap", [&] {
        ASSERT_TRUE(Madvise(mm, Huge(0, 20), 4 * page(), 4).ok());
      });
      ASSERT_EQ(scheduler.Run(), Scheduler::End::kAllDone);
    }
    m.phys().Put(head);
    m.Validate();
    ASSERT_EQ(m.Load(mm, Huge(0, 1)), 1);
    ASSERT_EQ(m.Load(mm, Huge(0, 1) + 1), 2);
    ASSERT_EQ(m.Load(*child, Huge(0, 9)), 9);
    ASSERT_EQ(m.Load(mm, Huge(0, 21)), 0);
  }
}

}  // namespace
}  // namespace faultline::mm
