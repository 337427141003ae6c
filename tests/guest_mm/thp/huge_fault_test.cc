#include "guest_mm/thp/huge_fault.h"

#include "guest_mm/sync/scheduler.h"
#include "tests/guest_mm/testing/huge_fixture.h"

namespace faultline::mm {
namespace {

class HugeFaultTest : public HugeTest {};
INSTANTIATE_HUGE_TEST(HugeFaultTest);

TEST_P(HugeFaultTest, AStoreGetsAHugePage) {
  Map(Huge(0), huge());
  ASSERT_TRUE(Store(Huge(0, 7) + 3, 42));
  EXPECT_TRUE(IsHuge(Huge(0)));
  EXPECT_EQ(mm_.rss.anon, PageCount(huge_pages()));
  EXPECT_EQ(thp().mapped.anon, PageCount(huge_pages()));
  EXPECT_EQ(thp().counters.fault_alloc, 1u);
  EXPECT_EQ(Load(Huge(0, 7) + 3), 42);
  EXPECT_EQ(Load(Huge(0, huge_pages() - 1)), 0);
  EXPECT_EQ(m_.system().counters().faults, 1u);
}

TEST_P(HugeFaultTest, ATableIsKeptWithItAndGoesWithIt) {
  Map(Huge(0), huge());
  const PageCount free = m_.phys().free();
  const PageCount tables = mm_.page_table().tables();
  ASSERT_TRUE(Store(Huge(0), 1));
  EXPECT_GT(mm_.page_table().tables(), tables);
  ASSERT_TRUE(Munmap(mm_, Huge(0), huge()).ok());
  EXPECT_EQ(mm_.page_table().tables(), tables);
  EXPECT_EQ(m_.phys().free(), free);
  EXPECT_EQ(thp().mapped.anon, PageCount(0));
}

TEST_P(HugeFaultTest, OutsideAnAlignedStretchBasePagesAreUsed) {
  Map(Huge(0) + page(), huge());
  ASSERT_TRUE(Store(Huge(0, 3), 1));
  EXPECT_EQ(mm_.rss.anon, PageCount(1));
  EXPECT_EQ(thp().counters.fault_fallback, 0u);
}

TEST_P(HugeFaultTest, OnceABasePageIsThereTheRestStaysSo) {
  thp().settings.enabled = ThpEnabled::kNever;
  Map(Huge(0), huge());
  ASSERT_TRUE(Store(Huge(0), 1));
  thp().settings.enabled = ThpEnabled::kAlways;
  ASSERT_TRUE(Store(Huge(0, 1), 1));
  EXPECT_EQ(mm_.rss.anon, PageCount(2));
}

TEST_P(HugeFaultTest, WithoutAFreeBlockItFallsBackAndCountsThat) {
  Map(Huge(0), huge());
  m_.FailAllocations(
      [](AllocPurpose purpose) { return purpose == AllocPurpose::kHugeAnon; });
  ASSERT_TRUE(Store(Huge(0), 1));
  EXPECT_FALSE(IsHuge(Huge(0)));
  EXPECT_EQ(mm_.rss.anon, PageCount(1));
  EXPECT_EQ(thp().counters.fault_fallback, 1u);
}

TEST_P(HugeFaultTest, WithoutAPageForTheSpareTableItIsOutOfMemory) {
  Map(Huge(0), huge());
  ASSERT_TRUE(Store(Huge(0), 1));  // makes the upper tables
  ASSERT_TRUE(Madvise(mm_, Huge(0), huge(), 4).ok());
  const PageCount free = m_.phys().free();
  m_.FailAllocations(
      [](AllocPurpose purpose) { return purpose == AllocPurpose::kTablePte; });
  for (const Access access : {Access::kRead, Access::kWrite}) {
    EXPECT_EQ(m_.Touch(mm_, Huge(0), access),
              PageFaultOutcome::Kind::kOutOfMemory);
  }
  // The huge page of zeros was not even asked for.
  EXPECT_EQ(m_.phys().free(), free);
}

TEST_P(HugeFaultTest, AReadMapsTheHugePageOfZerosThatAllShare) {
  Map(Huge(0), 2 * huge());
  EXPECT_EQ(Load(Huge(0, 5)), 0);
  EXPECT_EQ(Load(Huge(1, 6)), 0);
  EXPECT_TRUE(IsHuge(Huge(0)) && IsHuge(Huge(1)));
  EXPECT_EQ(mm_.rss.total(), PageCount(0));
  EXPECT_EQ(thp().counters.zero_page_alloc, 1u);
  EXPECT_EQ(m_.EntryAt(mm_, Huge(0)).pfn(), m_.EntryAt(mm_, Huge(1)).pfn());
}

TEST_P(HugeFaultTest, AStoreToTheHugePageOfZerosCopiesOneBasePage) {
  Map(Huge(0), huge());
  ASSERT_EQ(Load(Huge(0)), 0);
  ASSERT_TRUE(Store(Huge(0, 5), 9));
  EXPECT_FALSE(IsHuge(Huge(0)));
  EXPECT_EQ(mm_.rss.anon, PageCount(1));
  EXPECT_EQ(thp().counters.split_pmd, 1u);
  EXPECT_EQ(Load(Huge(0, 5)), 9);
  EXPECT_EQ(Load(Huge(0, 6)), 0);
}

TEST_P(HugeFaultTest, WithoutTheZeroPageAReadGetsAHugePageOfItsOwn) {
  thp().settings.use_zero_page = false;
  Map(Huge(0), huge());
  EXPECT_EQ(Load(Huge(0)), 0);
  EXPECT_EQ(mm_.rss.anon, PageCount(huge_pages()));
  EXPECT_TRUE(m_.EntryAt(mm_, Huge(0)).dirty());
}

TEST_P(HugeFaultTest, AStoreAfterForkCopiesOneBasePage) {
  Map(Huge(0), huge());
  ASSERT_TRUE(Store(Huge(0, 2), 2));
  AddressSpace& child = m_.Adopt(*DupMm(mm_));
  EXPECT_TRUE(IsHuge(child, Huge(0)));
  EXPECT_EQ(m_.FrameAt(mm_, Huge(0)).entire_mapcount, 2);
  ASSERT_TRUE(m_.Store(child, Huge(0, 1), 7));
  EXPECT_FALSE(IsHuge(child, Huge(0)));
  EXPECT_TRUE(IsHuge(Huge(0)));
  EXPECT_EQ(Load(Huge(0, 1)), 0);
  EXPECT_EQ(m_.Load(child, Huge(0, 1)), 7);
  EXPECT_EQ(m_.Load(child, Huge(0, 2)), 2);
}

TEST_P(HugeFaultTest, TheLastSharerReusesTheHugePage) {
  Map(Huge(0), huge());
  ASSERT_TRUE(Store(Huge(0), 2));
  AddressSpace& child = m_.Adopt(*DupMm(mm_));
  m_.Drop(child);
  ASSERT_TRUE(Store(Huge(0, 1), 3));
  EXPECT_TRUE(IsHuge(Huge(0)));
  EXPECT_EQ(mm_.rss.anon, PageCount(huge_pages()));
  EXPECT_EQ(m_.system().counters().cow_copies, 0u);
}

TEST_P(HugeFaultTest, AHolderOfTheFolioMakesAStoreCopyNotReuse) {
  Map(Huge(0), huge());
  ASSERT_TRUE(Store(Huge(0), 2));
  m_.Drop(m_.Adopt(*DupMm(mm_)));
  const Pfn head = m_.EntryAt(mm_, Huge(0)).pfn();
  m_.Hold(head);
  ASSERT_TRUE(Store(Huge(0, 1), 3));
  EXPECT_FALSE(IsHuge(Huge(0)));
  m_.LetGo(head);
}

TEST_P(HugeFaultTest, HiddenAndShownAgainItIsUsableWithoutACopy) {
  Map(Huge(0), huge());
  ASSERT_TRUE(Store(Huge(0), 2));
  ASSERT_TRUE(Mprotect(mm_, Huge(0), huge(), 0).ok());
  EXPECT_EQ(Load(Huge(0)), -1);
  ASSERT_TRUE(Mprotect(mm_, Huge(0), huge(), kRW).ok());
  EXPECT_EQ(Load(Huge(0)), 2);
  ASSERT_TRUE(Store(Huge(0), 3));
  EXPECT_TRUE(IsHuge(Huge(0)));
}

TEST_P(HugeFaultTest, RacingFirstTouchesAgreeOnOnePageAndLoseNone) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    TestMachine m(*GetParam(), 32 << 20);
    m.system().thp().settings.enabled = ThpEnabled::kAlways;
    AddressSpace& mm = m.NewSpace();
    Vma& vma = m.Map(mm, kBase, huge(), Prot::RW());
    Scheduler scheduler(MakeRandom(seed));
    scheduler.Spawn("a", [&] { m.Store(mm, Huge(0), 1); });
    scheduler.Spawn("b", [&] { m.Store(mm, Huge(0, 1), 2); });
    scheduler.Spawn("c", [&] { m.Load(mm, Huge(0, 2)); });
    scheduler.Spawn("part", [&] {
      ReadGuard guard(mm.mmap_lock());
      ZapRange(mm, vma, {Huge(0, 3), Huge(0, 4)});
    });
    ASSERT_EQ(scheduler.Run(), Scheduler::End::kAllDone);
    EXPECT_EQ(m.Load(mm, Huge(0)), 1);
    EXPECT_EQ(m.Load(mm, Huge(0, 1)), 2);
    m.Validate();
  }
}

TEST_P(HugeFaultTest, RacingCopiesOnBothSidesOfAForkKeepEveryStore) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    TestMachine m(*GetParam(), 32 << 20);
    m.system().thp().settings.enabled = ThpEnabled::kAlways;
    AddressSpace& parent = m.NewSpace();
    m.Map(parent, kBase, huge(), Prot::RW());
    m.Store(parent, Huge(0, 9), 9);
    AddressSpace& child = *m.Fork(parent);
    Scheduler scheduler(MakeRandom(seed));
    scheduler.Spawn("parent", [&] { m.Store(parent, Huge(0), 1); });
    scheduler.Spawn("parent2", [&] { m.Store(parent, Huge(0) + 1, 2); });
    scheduler.Spawn("child", [&] { m.Store(child, Huge(0), 3); });
    scheduler.Spawn("grandchild", [&] { m.Fork(child); });
    ASSERT_EQ(scheduler.Run(), Scheduler::End::kAllDone);
    EXPECT_EQ(m.Load(parent, Huge(0)), 1);
    EXPECT_EQ(m.Load(parent, Huge(0) + 1), 2);
    EXPECT_EQ(m.Load(parent, Huge(0, 9)), 9);
    EXPECT_EQ(m.Load(child, Huge(0)), 3);
    EXPECT_EQ(m.Load(child, Huge(0, 9)), 9);
    m.Validate();
  }
}

class HugeZeroWriteTest : public HugeTest {
 protected:
  HugeZeroWriteTest() : HugeTest(BehaviourSet({6, 18})) {}
};
INSTANTIATE_HUGE_TEST(HugeZeroWriteTest);

TEST_P(HugeZeroWriteTest, AStorePutsAHugePageInThePlaceOfZeros) {
  Map(Huge(0), huge());
  EXPECT_EQ(Load(Huge(0, 7)), 0);
  const uint64_t flushes = m_.system().counters().tlb_flushes;
  ASSERT_TRUE(Store(Huge(0, 7), 42));
  EXPECT_TRUE(IsHuge(Huge(0)));
  EXPECT_EQ(mm_.rss.anon, PageCount(huge_pages()));
  EXPECT_EQ(thp().counters.fault_alloc, 1u);
  EXPECT_EQ(m_.system().counters().tlb_flushes, flushes + 1);
  EXPECT_EQ(Load(Huge(0, 7)), 42);
  EXPECT_EQ(Load(Huge(0, 8)), 0);
  ASSERT_TRUE(
      Munmap(mm_, Huge(0), page()).ok());  // the table for this is there
  EXPECT_EQ(Load(Huge(0, 7)), 42);
}

TEST_P(HugeZeroWriteTest, WithoutAHugePageTheZerosAreSplit) {
  Map(Huge(0), huge());
  EXPECT_EQ(Load(Huge(0, 7)), 0);
  m_.FailAllocations(
      [](AllocPurpose purpose) { return purpose == AllocPurpose::kHugeAnon; });
  ASSERT_TRUE(Store(Huge(0, 7), 42));
  EXPECT_FALSE(IsHuge(Huge(0)));
  EXPECT_EQ(mm_.rss.anon, PageCount(1));
  EXPECT_EQ(thp().counters.fault_fallback, 1u);
}

}  // namespace
}  // namespace faultline::mm
