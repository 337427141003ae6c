// Covers: guest_mm/thp/collapse_table.cc
#include "guest_mm/thp/collapse.h"

#include <set>
#include <string>

#include "guest_mm/thp/split_huge_pages.h"
#include "tests/guest_mm/testing/huge_fixture.h"

namespace faultline::mm {
namespace {

class CollapseTest : public HugeTest {
 protected:
  explicit CollapseTest(const BehaviourSet& behaviours = {})
      : HugeTest(behaviours) {
    thp().settings.enabled = ThpEnabled::kMadvise;
    Map(Huge(0), 2 * huge());
  }
  void Fill(uint64_t from, uint64_t to) {
    for (uint64_t i = from; i < to; ++i) {
      ASSERT_TRUE(Store(Huge(0, i), uint8_t(i + 1)));
    }
  }
  void ExpectFilled(uint64_t from, uint64_t to) {
    for (uint64_t i = from; i < to; ++i) {
      ASSERT_EQ(Load(Huge(0, i)), uint8_t(i + 1));
    }
  }
  ScanResult Collapse(CollapseBy by) ABSL_NO_THREAD_SAFETY_ANALYSIS {
    mm_.mmap_lock().ReadAcquire();
    bool locked = true;
    const ScanResult result =
        CollapseAnon(mm_, *mm_.vmas().Find(Huge(0)), Huge(0), by, &locked);
    if (locked) {
      mm_.mmap_lock().ReadRelease();
    }
    m_.ValidateStep();
    return result;
  }
  // khugepaged only looks at what it may.
  void AdviseHuge() { ASSERT_TRUE(Madvise(mm_, Huge(0), 2 * huge(), 14).ok()); }
};
INSTANTIATE_HUGE_TEST(CollapseTest);

TEST_P(CollapseTest, BytesMoveToTheHugePageAndTheOldOnesAreFreed) {
  Fill(0, huge_pages());
  const PageCount used = m_.phys().used(FrameUse::kAnon);
  const PageCount tables = mm_.page_table().tables();
  EXPECT_EQ(Collapse(CollapseBy::kMadvise), ScanResult::kSucceed);
  EXPECT_TRUE(IsHuge(Huge(0)));
  EXPECT_EQ(m_.phys().used(FrameUse::kAnon), used);
  EXPECT_EQ(mm_.page_table().tables(), tables) << "the table is kept with it";
  EXPECT_EQ(thp().counters.collapse_alloc, 1u);
  EXPECT_EQ(thp().results[size_t(ScanResult::kSucceed)], 2u);
  ExpectFilled(0, huge_pages());
}

TEST_P(CollapseTest, EmptyEntriesBecomeZerosAndCountAsResident) {
  Fill(3, 4);
  EXPECT_EQ(Collapse(CollapseBy::kMadvise), ScanResult::kSucceed);
  EXPECT_EQ(mm_.rss.anon, PageCount(huge_pages()));
  EXPECT_EQ(Load(Huge(0)), 0);
  ExpectFilled(3, 4);
}

TEST_P(CollapseTest, WhatIsNotThereOrHugeAlreadySaysSo) {
  EXPECT_EQ(Collapse(CollapseBy::kMadvise), ScanResult::kPmdNull);
  Fill(0, 1);
  ASSERT_EQ(Collapse(CollapseBy::kMadvise), ScanResult::kSucceed);
  EXPECT_EQ(Collapse(CollapseBy::kMadvise), ScanResult::kPmdMapped);
}

TEST_P(CollapseTest, ThereMustBeAWritableEntry) {
  Fill(0, 2);
  ASSERT_TRUE(Mprotect(mm_, Huge(0), 2 * huge(), 1).ok());
  EXPECT_EQ(Collapse(CollapseBy::kMadvise), ScanResult::kPageRo);
}

class CollapseSince618Test : public CollapseTest {
 protected:
  CollapseSince618Test() : CollapseTest(BehaviourSet({6, 18})) {}
};
INSTANTIATE_HUGE_TEST(CollapseSince618Test);

TEST_P(CollapseSince618Test, NoneOfThemNeedsToBeWritable) {
  Fill(0, 2);
  ASSERT_TRUE(Mprotect(mm_, Huge(0), 2 * huge(), 1).ok());
  EXPECT_EQ(Collapse(CollapseBy::kMadvise), ScanResult::kSucceed);
  EXPECT_TRUE(IsHuge(Huge(0)));
  EXPECT_FALSE(Store(Huge(0), 1));
}

TEST_P(CollapseTest, APinOrALockForbidsItUntilItIsGone) {
  Fill(0, 2);
  const Pfn page = m_.EntryAt(mm_, Huge(0, 1)).pfn();
  m_.Hold(page);
  EXPECT_EQ(Collapse(CollapseBy::kMadvise), ScanResult::kPageCount);
  m_.LetGo(page);
  m_.phys().frame(page).lock.Acquire();
  EXPECT_EQ(Collapse(CollapseBy::kMadvise), ScanResult::kPageLocked);
  m_.phys().frame(page).lock.Release();
  EXPECT_EQ(Collapse(CollapseBy::kMadvise), ScanResult::kSucceed);
}

TEST_P(CollapseTest, NoBlockThatLargeLeavesAllAsItWas) {
  Fill(0, 2);
  m_.FailAllocations([](AllocPurpose purpose) {
    return purpose == AllocPurpose::kHugeCollapse;
  });
  EXPECT_EQ(Collapse(CollapseBy::kMadvise), ScanResult::kAllocHugePageFail);
  EXPECT_EQ(thp().counters.collapse_alloc_failed, 1u);
  EXPECT_FALSE(IsHuge(Huge(0)));
  ExpectFilled(0, 2);
}

TEST_P(CollapseTest, KhugepagedKeepsToItsLimitOfEmptyEntries) {
  AdviseHuge();
  thp().khugepaged.max_ptes_none = huge_pages() / 2;
  thp().settings.enabled = ThpEnabled::kNever;  // base pages, please
  Fill(0, huge_pages() / 2 - 1);
  thp().settings.enabled = ThpEnabled::kMadvise;
  EXPECT_EQ(Collapse(CollapseBy::kKhugepaged), ScanResult::kExceedNonePte);
  EXPECT_EQ(thp().counters.scan_exceed_none_pte, 1u);
  ASSERT_TRUE(Store(Huge(0, huge_pages() - 1), 1));
  EXPECT_EQ(Collapse(CollapseBy::kKhugepaged), ScanResult::kSucceed);
}

TEST_P(CollapseTest, KhugepagedKeepsToItsLimitOfSharedPages) {
  thp().settings.enabled = ThpEnabled::kNever;
  Fill(0, 10);
  AdviseHuge();
  thp().settings.enabled = ThpEnabled::kMadvise;
  AddressSpace& child = m_.Adopt(*DupMm(mm_));
  ASSERT_TRUE(Store(Huge(0), 1));
  thp().khugepaged.max_ptes_shared = 8;
  EXPECT_EQ(Collapse(CollapseBy::kKhugepaged), ScanResult::kExceedSharedPte);
  ASSERT_TRUE(Store(Huge(0, 1), 2));
  EXPECT_EQ(Collapse(CollapseBy::kKhugepaged), ScanResult::kSucceed);
  ExpectFilled(0, 10);
  for (uint64_t i = 0; i < 10; ++i) {
    ASSERT_EQ(m_.Load(child, Huge(0, i)), uint8_t(i + 1));
  }
}

TEST_P(CollapseTest, KhugepagedWantsPagesThatAreInUse) {
  thp().settings.enabled = ThpEnabled::kNever;
  Fill(0, 2);
  AdviseHuge();
  thp().settings.enabled = ThpEnabled::kMadvise;
  for (uint64_t i = 0; i < 2; ++i) {
    const EntryRef r = mm_.page_table().Walk(Huge(0, i));
    Entry e = mm_.page_table().Get(r);
    e.flags = e.flags.without(EntryFlag::kYoung);
    mm_.page_table().Set(r, e);
  }
  m_.tlb().FlushMm(mm_);
  EXPECT_EQ(Collapse(CollapseBy::kKhugepaged), ScanResult::kLackReferencedPage);
  EXPECT_EQ(Load(Huge(0, 1)), 2);
  EXPECT_EQ(Collapse(CollapseBy::kKhugepaged), ScanResult::kSucceed);
}

TEST_P(CollapseTest, PagesOfManyHugeFoliosBecomeOne) {
  thp().settings.enabled = ThpEnabled::kAlways;
  for (uint64_t i = 0; i < 4; ++i) {
    Map(Huge(10), huge());
    ASSERT_TRUE(Store(Huge(10, i), uint8_t(i + 1)));
    ASSERT_TRUE(IsHuge(Huge(10)));
    // MREMAP_MAYMOVE | MREMAP_FIXED
    ASSERT_TRUE(Mremap(mm_, Huge(10, i), page(), page(), 3, Huge(0, i)).ok());
  }
  // Of one VMA, as far as MADV_COLLAPSE can reach.
  ASSERT_TRUE(Munmap(mm_, Huge(10), huge()).ok());
  for (uint64_t i = 0; i < 4; ++i) {
    ASSERT_EQ(Load(Huge(0, i)), int(i + 1));
  }
}

// Which windows there are is a promise: scripts and explorers name them.
TEST_P(CollapseTest, EveryStepIsASchedulePoint) {
  class Log : public ScheduleObserver {
   public:
    void OnSwitch(const Actor*, const Actor&, const PointSite*) override {}
    void OnPoint(const Actor&, const PointSite& at) override {
      points.insert(at.name);
    }
    std::set<std::string> points;
  };
  Fill(0, 4);
  Log seen;
  Scheduler scheduler(MakeRoundRobin());
  scheduler.set_observer(&seen, /*wants_points=*/true);
  scheduler.Spawn("collapse", [&] {
    EXPECT_EQ(Collapse(CollapseBy::kMadvise), ScanResult::kSucceed);
  });
  ASSERT_EQ(scheduler.Run(), Scheduler::End::kAllDone);
  for (const char* point :
       {"mmap_lock.unlocked", "page.alloc", "mmap_lock.locked",
        "anon_vma.locked", "pmd.lock.locked", "pmd.lock.unlocked",
        "collapse.detached", "pte.lock.locked", "page.lock",
        "anon_vma.unlocked", "collapse.isolated", "collapse.copied"}) {
    EXPECT_TRUE(seen.points.contains(point)) << point;
  }
}

TEST_P(CollapseTest, RacesWithThoseWhoUseThePages) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(seed);
    TestMachine m(*GetParam(), 16 << 20);
    AddressSpace& mm = m.NewSpace();
    m.Map(mm, kBase, huge(), Prot::RW());
    for (uint64_t i = 0; i < 8; ++i) {
      ASSERT_TRUE(m.Store(mm, Huge(0, i), uint8_t(i + 1)));
    }
    AddressSpace* child = nullptr;
    {
      Scheduler scheduler(MakeRandom(seed));
      scheduler.Spawn("collapse",
                      [&] { (void)Madvise(mm, Huge(0), huge(), 25); });
      scheduler.Spawn("again", [&] { (void)Madvise(mm, Huge(0), huge(), 25); });
      scheduler.Spawn("store", [&] { m.Store(mm, Huge(0, 1) + 1, 77); });
      scheduler.Spawn("first", [&] { m.Store(mm, Huge(0, 20), 20); });
      scheduler.Spawn("fork", [&] { child = &m.Adopt(*DupMm(mm)); });
      scheduler.Spawn("split", [&] { (void)SplitAllHugePages(m.system()); });
      scheduler.Spawn(
          "zap", [&] { ASSERT_TRUE(Madvise(mm, Huge(0, 6), page(), 4).ok()); });
      ASSERT_EQ(scheduler.Run(), Scheduler::End::kAllDone);
    }
    m.Validate();
    ASSERT_EQ(m.Load(mm, Huge(0, 1) + 1), 77);
    ASSERT_EQ(m.Load(mm, Huge(0, 20)), 20);
    ASSERT_EQ(m.Load(mm, Huge(0, 6)), 0);
    ASSERT_EQ(m.Load(mm, Huge(0, 7)), 8);
    ASSERT_EQ(m.Load(*child, Huge(0, 7)), 8);
  }
}

}  // namespace
}  // namespace faultline::mm
