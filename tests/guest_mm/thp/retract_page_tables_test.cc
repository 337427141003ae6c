#include "guest_mm/thp/retract_page_tables.h"

#include <functional>

#include "guest_mm/gup/gup.h"
#include "guest_mm/mm/clear_refs.h"
#include "guest_mm/rmap/rmap.h"
#include "guest_mm/rmap/try_to_unmap.h"
#include "guest_mm/sync/scheduler.h"
#include "guest_mm/vma/anon_vma.h"
#include "tests/guest_mm/testing/huge_file_fixture.h"

namespace faultline::mm {
namespace {

class RetractPageTablesTest : public HugeFileTest {
 protected:
  explicit RetractPageTablesTest(const BehaviourSet& behaviours = {})
      : HugeFileTest(behaviours) {}

  void Retract() { RetractPageTables(m_.system(), mapping(), 0); }
  bool HasTable(GuestAddr a) { return bool(mm_.page_table().Find(a, 0)); }
  // An empty table at `a`.
  void MakeTable(GuestAddr a) {
    ASSERT_TRUE(mm_.page_table().FindOrAllocate(a, 0).ok());
  }

  // Lets `walk` wait for the lock of the table at Huge(0), which maps page 5 of
  // the file, and takes the table away meanwhile.
  void TakeTableFrom(std::function<void()> walk) {
    static constexpr PointSite kHere{"test.here"};
    PageTable& table = mm_.page_table();
    Scheduler scheduler(MakeRoundRobin());
    scheduler.Spawn("taker", [&] {
      const EntryRef r = table.Find(Huge(0, 5), 0);
      const Pfn pfn = table.Get(r).pfn();
      table.LockOf(r).Acquire();
      scheduler.Spawn("walker", walk);
      scheduler.Yield(kHere);
      table.Set(r, Entry::None());
      RemoveRmap(mm_, pfn);
      m_.phys().Put(pfn);
      m_.tlb().FlushRange(mm_, GuestRange::At(Huge(0), huge()));
      const Pfn gone =
          table.Detach(table.Find(Huge(0), PagingGeometry::kHugeLevel));
      table.LockOf(r).Release();
      m_.phys().Put(gone);
    });
    EXPECT_EQ(scheduler.Run(), Scheduler::End::kAllDone);
    m_.Validate();
  }
  void MapPageFive() {
    MapFile(Huge(0), huge());
    ASSERT_TRUE(Store(Huge(0, 5), 6));
  }
};
INSTANTIATE_HUGE_TEST(RetractPageTablesTest);

TEST_P(RetractPageTablesTest, TakesEmptyTablesWhereTheFolioWouldFit) {
  MapFile(Huge(0), huge());
  MapFile(Huge(4) + page(), huge());
  MapFile(Huge(8), huge() / 2);
  for (const GuestAddr a : {Huge(0), Huge(4, 1), Huge(8)}) {
    MakeTable(a);
  }
  Retract();
  EXPECT_FALSE(HasTable(Huge(0)));
  EXPECT_TRUE(HasTable(Huge(4, 1)));
  EXPECT_TRUE(HasTable(Huge(8)));
}

TEST_P(RetractPageTablesTest, LeavesTablesThatMayHoldCopiesOrMarkers) {
  MapFile(Huge(0), huge(), kMapPrivate);
  MapFile(Huge(4), huge());
  MakeTable(Huge(0));
  MakeTable(Huge(4));
  MapFile(Huge(6), huge());
  MakeTable(Huge(6));
  ASSERT_TRUE(PrepareAnonVma(VmaAt(Huge(0))).ok());
  VmaAt(Huge(6)).flags |= VmaFlag::kMaybeGuard;
  VmaAt(Huge(4)).flags |= VmaFlag::kUffdWp;
  Retract();
  EXPECT_TRUE(HasTable(Huge(0)));
  EXPECT_TRUE(HasTable(Huge(4)));
  EXPECT_TRUE(HasTable(Huge(6)));
  VmaAt(Huge(4)).flags = VmaAt(Huge(4)).flags.without(VmaFlag::kUffdWp);
}

TEST_P(RetractPageTablesTest, WaitsForNoMmapLock) {
  MapFile(Huge(0), huge());
  MakeTable(Huge(0));
  {
    WriteGuard busy(mm_.mmap_lock());
    Retract();
  }
  EXPECT_FALSE(HasTable(Huge(0)));
}

class RetractIfIdleTest : public RetractPageTablesTest {
 protected:
  RetractIfIdleTest()
      : RetractPageTablesTest(*BehaviourSet::ForKernel("6.3")) {}
};
INSTANTIATE_HUGE_TEST(RetractIfIdleTest);

TEST_P(RetractIfIdleTest, UpTo65ASpaceAtWorkKeepsItsTable) {
  MapFile(Huge(0), huge());
  MakeTable(Huge(0));
  {
    ReadGuard busy(mm_.mmap_lock());
    Retract();
  }
  EXPECT_TRUE(HasTable(Huge(0)));
  Retract();
  EXPECT_FALSE(HasTable(Huge(0)));
}

// --- every walker copes with a table that goes while it waits ---

TEST_P(RetractPageTablesTest, AFaultLooksAgain) {
  for (const Access access : {Access::kRead, Access::kWrite}) {
    MapPageFive();
    TakeTableFrom([&] {
      EXPECT_EQ(m_.Touch(mm_, Huge(0, 9), access),
                PageFaultOutcome::Kind::kDone);
    });
    EXPECT_EQ(Load(Huge(0, 5)), 6);
  }
}

TEST_P(RetractPageTablesTest, AFaultOfAPrivateMappingLooksAgain) {
  MapFile(Huge(0), huge(), kMapPrivate);
  EXPECT_EQ(Load(Huge(0, 5)), 0);
  MapFile(Huge(4), huge());
  ASSERT_TRUE(Store(Huge(4, 5), 6));
  TakeTableFrom([&] { ASSERT_TRUE(Store(Huge(0, 5), 7)); });
  EXPECT_EQ(Load(Huge(0, 5)), 7);
  EXPECT_EQ(Load(Huge(4, 5)), 6);
}

TEST_P(RetractPageTablesTest, ZappingGoesOn) {
  MapPageFive();
  TakeTableFrom([&] {
    EXPECT_TRUE(Madvise(mm_, Huge(0, 5), page(), kAdviseDontNeed).ok());
  });
  EXPECT_EQ(Load(Huge(0, 5)), 6);
}

TEST_P(RetractPageTablesTest, ProtectionChangesGoOn) {
  MapPageFive();
  TakeTableFrom([&] { EXPECT_TRUE(Mprotect(mm_, Huge(0), huge(), 1).ok()); });
  EXPECT_EQ(Load(Huge(0, 5)), 6);
  EXPECT_EQ(m_.Touch(mm_, Huge(0, 5), Access::kWrite),
            PageFaultOutcome::Kind::kAccessError);
}

TEST_P(RetractPageTablesTest, MovingGoesOn) {
  MapPageFive();
  TakeTableFrom([&] {
    EXPECT_TRUE(Mremap(mm_, Huge(0), huge(), huge(), 3, Huge(4)).ok());
  });
  EXPECT_EQ(Load(Huge(4, 5)), 6);
}

TEST_P(RetractPageTablesTest, GuardsAreInstalled) {
  MapPageFive();
  TakeTableFrom([&] {
    EXPECT_TRUE(Madvise(mm_, Huge(0, 7), page(), kAdviseGuard).ok());
  });
  EXPECT_NE(m_.Touch(mm_, Huge(0, 7), Access::kRead),
            PageFaultOutcome::Kind::kDone);
  EXPECT_EQ(Load(Huge(0, 5)), 6);
}

TEST_P(RetractPageTablesTest, GupGetsThePage) {
  MapPageFive();
  std::vector<Pfn> pages;
  TakeTableFrom([&] {
    const auto got = GetUserPages(mm_, Huge(0, 5), 1, {}, &pages);
    EXPECT_TRUE(got.ok() && *got == 1);
    m_.phys().Put(pages.at(0));
  });
  EXPECT_EQ(pages.at(0), *mapping().Find(5));
}

TEST_P(RetractPageTablesTest, ReverseMappingFindsNothingLeft) {
  MapPageFive();
  const Pfn pfn = *mapping().Find(5);
  m_.phys().Get(pfn);
  TakeTableFrom([&] {
    LockGuard locked(m_.phys().frame(pfn).lock);
    EXPECT_TRUE(TryToUnmap(m_.system(), pfn, {},
                           [](const UnmappedEntry&) { return Entry::None(); }));
  });
  m_.phys().Put(pfn);
}

TEST_P(RetractPageTablesTest, ClearingAccessBitsAndAdviceGoOn) {
  const std::function<void()> walks[] = {
      [&] { EXPECT_TRUE(ClearReferences(mm_, ClearRefs::kMapped).ok()); },
      [&] { EXPECT_TRUE(Madvise(mm_, Huge(0), huge(), kAdvisePageOut).ok()); }};
  for (const auto& walk : walks) {
    MapPageFive();
    TakeTableFrom(walk);
    EXPECT_EQ(Load(Huge(0, 5)), 6);
  }
}

}  // namespace
}  // namespace faultline::mm
