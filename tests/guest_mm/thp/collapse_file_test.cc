// Covers: guest_mm/thp/find_table.cc
#include "guest_mm/thp/collapse_file.h"

#include <set>
#include <string>

#include "guest_mm/sync/scheduler.h"
#include "guest_mm/thp/khugepaged.h"
#include "guest_mm/thp/split_huge_pages.h"
#include "tests/guest_mm/testing/huge_file_fixture.h"

namespace faultline::mm {
namespace {

class CollapseFileTest : public HugeFileTest {};
INSTANTIATE_HUGE_TEST(CollapseFileTest);

TEST_P(CollapseFileTest, PagesAndHolesBecomeOneFolioMappedWhole) {
  MapFile(Huge(0), huge());
  Fill(0, 5);
  EXPECT_EQ(Collapse(Huge(0)), Errno::kOk);
  EXPECT_TRUE(IsHuge(Huge(0)));
  EXPECT_EQ(PageAt(0).order, geometry().HugeOrder());
  EXPECT_EQ(PageAt(0).refcount, int32_t(huge_pages()) + 1);
  EXPECT_TRUE(PageAt(0).dirty);
  EXPECT_EQ(Load(Huge(0, 4)), 5);
  EXPECT_EQ(Load(Huge(0, 5)), 0);
  EXPECT_EQ(mm_.rss.shmem, PageCount(huge_pages()));
  EXPECT_EQ(thp().cached.shmem, PageCount(huge_pages()));
  EXPECT_EQ(m_.phys().used(FrameUse::kPageCache), PageCount(huge_pages()));
  EXPECT_EQ(thp().counters.collapse_alloc, 1u);
}

TEST_P(CollapseFileTest, KhugepagedLeavesItToFaultsToMapIt) {
  m_.system().shmem_mount().huge = HugeOption::kNever;
  MapFile(Huge(0), huge());
  MapFile(Huge(4) + page(), huge());
  Fill(0, 5);
  EXPECT_EQ(Load(Huge(4, 2)), 2);
  m_.system().shmem_mount().huge = HugeOption::kAlways;
  m_.system().khugepaged().Enter(VmaAt(Huge(0)));
  m_.system().khugepaged().ScanOnce();
  EXPECT_EQ(m_.system().khugepaged().pages_collapsed(), 1u);
  EXPECT_FALSE(IsHuge(Huge(0)));
  EXPECT_EQ(mm_.rss.shmem, PageCount(0));
  EXPECT_EQ(Load(Huge(0, 4)), 5);
  EXPECT_TRUE(IsHuge(Huge(0)));
  EXPECT_EQ(Load(Huge(4, 2)), 2);
  EXPECT_FALSE(IsHuge(Huge(4, 2)));
}

TEST_P(CollapseFileTest, KhugepagedKeepsToItsLimits) {
  m_.system().shmem_mount().huge = HugeOption::kNever;
  MapFile(Huge(0), huge());
  Fill(0, 5);
  m_.system().shmem_mount().huge = HugeOption::kAlways;
  thp().khugepaged.max_ptes_none = huge_pages() - 6;
  m_.system().khugepaged().Enter(VmaAt(Huge(0)));
  m_.system().khugepaged().ScanOnce();
  EXPECT_EQ(Times(ScanResult::kExceedNonePte), 1u);
  EXPECT_EQ(thp().counters.scan_exceed_none_pte, 1u);
  ASSERT_TRUE(Store(Huge(0, 5), 6));
  m_.system().khugepaged().ScanOnce();
  EXPECT_EQ(m_.system().khugepaged().pages_collapsed(), 1u);
}

TEST_P(CollapseFileTest, WhereNothingIsThereIsNothingToCollapse) {
  MapFile(Huge(0), huge());
  EXPECT_EQ(Collapse(Huge(0)), Errno::kEINVAL);
  EXPECT_EQ(Times(ScanResult::kTruncated), 1u);
  EXPECT_EQ(mapping().cached(), PageCount(0));
}

TEST_P(CollapseFileTest, APinnedPageStopsItAndAllStayAsTheyWere) {
  MapFile(Huge(0), huge());
  Fill(0, 5);
  const Pfn pfn = *mapping().Find(3);
  m_.phys().Get(pfn);
  EXPECT_EQ(Collapse(Huge(0)), Errno::kEAGAIN);
  EXPECT_EQ(Times(ScanResult::kPageCount), 1u);
  EXPECT_EQ(*mapping().Find(3), pfn);
  EXPECT_EQ(Load(Huge(0, 4)), 5);
  m_.phys().Put(pfn);
  EXPECT_EQ(Collapse(Huge(0)), Errno::kOk);
}

TEST_P(CollapseFileTest, ALockedPageStopsIt) {
  MapFile(Huge(0), huge());
  Fill(0, 5);
  PageAt(3).lock.Acquire();
  EXPECT_EQ(Collapse(Huge(0)), Errno::kEAGAIN);
  EXPECT_EQ(Times(ScanResult::kPageLocked), 1u);
  PageAt(3).lock.Release();
  EXPECT_EQ(PageAt(2).lru, Lru::kInactiveAnon);
}

TEST_P(CollapseFileTest, APageThatReclaimHasTakenStopsIt) {
  MapFile(Huge(0), huge());
  Fill(0, 5);
  const Pfn pfn = *mapping().Find(3);
  m_.phys().lru().Remove(pfn);
  EXPECT_EQ(Collapse(Huge(0)), Errno::kEAGAIN);
  EXPECT_EQ(Times(ScanResult::kPageLru), 1u);
  m_.phys().lru().Add(pfn, Lru::kInactiveAnon);
}

TEST_P(CollapseFileTest, APoisonedPageStopsIt) {
  MapFile(Huge(0), huge());
  Fill(0, 5);
  PageAt(3).hw_poisoned = true;
  EXPECT_EQ(Collapse(Huge(0)), Errno::kEINVAL);
  EXPECT_EQ(Times(ScanResult::kCopyMc), 1u);
  PageAt(3).hw_poisoned = false;
}

TEST_P(CollapseFileTest, WithoutAFreeBlockItFails) {
  MapFile(Huge(0), huge());
  Fill(0, 5);
  m_.FailAllocations([](AllocPurpose purpose) {
    return purpose == AllocPurpose::kHugeFileCollapse;
  });
  EXPECT_EQ(Collapse(Huge(0)), Errno::kENOMEM);
  EXPECT_EQ(thp().counters.collapse_alloc_failed, 1u);
  EXPECT_EQ(Load(Huge(0, 4)), 5);
}

TEST_P(CollapseFileTest, HolesNeedRoomOnTheMount) {
  const auto small = std::make_shared<ShmemMount>();
  small->most = PageCount(huge_pages() - 1);
  mapping().set_mount(small);
  MapFile(Huge(0), huge());
  Fill(0, 5);
  EXPECT_EQ(Collapse(Huge(0)), Errno::kEINVAL);
  EXPECT_EQ(small->used, PageCount(5));
  small->most = PageCount(huge_pages());
  EXPECT_EQ(Collapse(Huge(0)), Errno::kOk);
  EXPECT_EQ(small->used, PageCount(huge_pages()));
}

TEST_P(CollapseFileTest, HolesThatUserfaultfdWatchesStayHoles) {
  MapFile(Huge(0), huge());
  Fill(0, 5);
  MapFile(Huge(4) + page(), huge());
  VmaAt(Huge(4, 2)).flags |= VmaFlag::kUffdMissing;
  EXPECT_EQ(Collapse(Huge(0)), Errno::kEBUSY);
  EXPECT_EQ(Times(ScanResult::kExceedNonePte), 1u);
  EXPECT_EQ(mapping().cached(), PageCount(5));
  VmaAt(Huge(4, 2)).flags =
      VmaAt(Huge(4, 2)).flags.without(VmaFlag::kUffdMissing);
}

TEST_P(CollapseFileTest, PagesThatFallocateMadeAreTakenAsZeros) {
  MapFile(Huge(0), 2 * huge());
  Fill(1, 1);  // without upper tables there would be no place for it
  ASSERT_TRUE(mapping().Reserve(0, huge()).ok());
  EXPECT_EQ(Collapse(Huge(0)), Errno::kOk);
  EXPECT_TRUE(PageAt(0).uptodate);
  EXPECT_EQ(Load(Huge(0, 9)), 0);
}

TEST_P(CollapseFileTest, EveryWindowHasAName) {
  class Log : public ScheduleObserver {
   public:
    void OnSwitch(const Actor*, const Actor&, const PointSite*) override {}
    void OnPoint(const Actor&, const PointSite& at) override {
      points.insert(at.name);
    }
    std::set<std::string> points;
  };
  MapFile(Huge(0), huge());
  MapFile(Huge(4), huge());
  Fill(0, 5);
  EXPECT_EQ(Load(Huge(4)), 1);
  Log seen;
  Scheduler scheduler(MakeRoundRobin());
  scheduler.set_observer(&seen, /*wants_points=*/true);
  scheduler.Spawn("collapse", [&] {
    EXPECT_EQ(Collapse(Huge(0)), Errno::kOk);
    // Mapped page by page, it is found so.
    VmaAt(Huge(4)).flags |= VmaFlag::kNoHugePage;
    EXPECT_EQ(Load(Huge(4)), 1);
    VmaAt(Huge(4)).flags = VmaAt(Huge(4)).flags.without(VmaFlag::kNoHugePage);
    EXPECT_EQ(Collapse(Huge(4)), Errno::kOk);
  });
  ASSERT_EQ(scheduler.Run(), Scheduler::End::kAllDone);
  for (const char* point :
       {"collapse.file.isolated", "collapse.file.copied",
        "collapse.file.replaced", "collapse.retract.found",
        "collapse.pte_mapped.checked", "collapse.pte_mapped.cleared",
        "i_mmap.locked", "pmd.lock.locked", "pte.lock.unlocked"}) {
    EXPECT_TRUE(seen.points.contains(point)) << point;
  }
}

TEST_P(CollapseFileTest, RacesWithThoseWhoUseThePages) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    TestMachine m(*GetParam(), 16 << 20);
    AddressSpace& mm = m.NewSpace();
    file_ = *MakeSharedAnon(mm, 2 * huge(), {});
    MapFile(mm, Huge(0), huge());
    MapFile(mm, Huge(4), huge());
    MapFile(mm, Huge(6) + page(), huge());
    for (uint64_t i = 0; i < 8; ++i) {
      ASSERT_TRUE(m.Store(mm, Huge(0, i), uint8_t(i + 1)));
    }
    ASSERT_EQ(m.Load(mm, Huge(4)), 1);
    AddressSpace* child = nullptr;
    {
      Scheduler scheduler(MakeRandom(seed));
      const auto collapse = [&](GuestAddr a) {
        (void)Madvise(mm, a, huge(), kAdviseCollapse);
      };
      scheduler.Spawn("collapse", [&] { collapse(Huge(0)); });
      scheduler.Spawn("again", [&] { collapse(Huge(4)); });
      scheduler.Spawn("store", [&] { m.Store(mm, Huge(0, 1) + 1, 77); });
      scheduler.Spawn("hole", [&] { m.Store(mm, Huge(4, 20), 20); });
      scheduler.Spawn("read", [&] { EXPECT_EQ(m.Load(mm, Huge(6, 4)), 4); });
      scheduler.Spawn("fork", [&] { child = &m.Adopt(*DupMm(mm)); });
      scheduler.Spawn("split", [&] { (void)SplitAllHugePages(m.system()); });
      scheduler.Spawn("punch",
                      [&] { mapping().PunchHole(5 * page(), page()); });
      scheduler.Spawn("zap", [&] {
        ASSERT_TRUE(Madvise(mm, Huge(4, 6), page(), kAdviseDontNeed).ok());
      });
      ASSERT_EQ(scheduler.Run(), Scheduler::End::kAllDone);
    }
    m.Validate();
    EXPECT_EQ(m.Load(mm, Huge(0, 1) + 1), 77);
    EXPECT_EQ(m.Load(mm, Huge(0, 20)), 20);
    EXPECT_EQ(m.Load(mm, Huge(4, 5)), 0);
    EXPECT_EQ(m.Load(mm, Huge(4, 7)), 8);
    EXPECT_EQ(m.Load(*child, Huge(0, 7)), 8);
    file_ = nullptr;  // before its machine goes
  }
}

}  // namespace
}  // namespace faultline::mm
