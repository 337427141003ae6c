#include "guest_mm/thp/collapse_pte_mapped.h"

#include "guest_mm/pgtable/page_prot.h"
#include "guest_mm/pgtable/table_lock.h"
#include "guest_mm/rmap/rmap.h"
#include "guest_mm/sync/scheduler.h"
#include "guest_mm/vma/anon_vma.h"
#include "tests/guest_mm/testing/huge_file_fixture.h"

namespace faultline::mm {
namespace {

BehaviourSet With(absl::string_view assignment) {
  BehaviourSet behaviours;
  EXPECT_TRUE(behaviours.Override(assignment).ok());
  return behaviours;
}

class CollapsePteMappedTest : public HugeFileTest {
 protected:
  using HugeFileTest::HugeFileTest;
  void SetUp() override {
    m_.system().shmem_mount().huge = HugeOption::kAlways;
    HugeFileTest::SetUp();
  }
  // Maps the huge folio at `a` page by page.
  void MapPages(TestMachine& m, AddressSpace& mm, GuestAddr a, uint64_t flags) {
    m.phys().Put(*mapping().FindOrCreate(0));  // huge, whoever asks later
    MapFile(mm, a, huge(), flags);
    Vma& vma = *mm.vmas().Find(a);
    vma.flags |= VmaFlag::kNoHugePage;
    ASSERT_EQ(m.Load(mm, a), 0);
    vma.flags = vma.flags.without(VmaFlag::kNoHugePage);
    ASSERT_FALSE(IsHuge(mm, a));
  }
  void MapPages(GuestAddr a, uint64_t flags = kMapShared) {
    MapPages(m_, mm_, a, flags);
  }
  ScanResult Run(GuestAddr a, InstallHuge install = InstallHuge::kMap) {
    ReadGuard guard(mm_.mmap_lock());
    return CollapsePteMapped(mm_, a, install);
  }
};
INSTANTIATE_HUGE_TEST(CollapsePteMappedTest);

TEST_P(CollapsePteMappedTest, EntriesOfTheFolioBecomeOne) {
  MapPages(Huge(0));
  EXPECT_EQ(Run(Huge(0)), ScanResult::kSucceed);
  EXPECT_TRUE(IsHuge(Huge(0)));
  EXPECT_EQ(mm_.rss.shmem, PageCount(huge_pages()));
  EXPECT_EQ(mm_.page_table().tables_at(0), PageCount(0));
  EXPECT_EQ(Run(Huge(0)), ScanResult::kPmdMapped);
}

TEST_P(CollapsePteMappedTest, WithoutAMiddleTableItFails) {
  MapPages(Huge(0));
  constexpr GuestAddr kFar(uint64_t{1} << 45);
  MapFile(kFar, huge());
  EXPECT_EQ(Run(kFar), ScanResult::kPmdNull);
}

class CollapseNoTableTest : public CollapsePteMappedTest {
 protected:
  CollapseNoTableTest()
      : CollapsePteMappedTest(With("collapse-no-table=maps")) {}
};
INSTANTIATE_HUGE_TEST(CollapseNoTableTest);

TEST_P(CollapseNoTableTest, WithoutAMiddleTableOneIsMade) {
  MapPages(Huge(0));
  constexpr GuestAddr kFar(uint64_t{1} << 45);
  MapFile(kFar, huge());
  EXPECT_EQ(Run(kFar, InstallHuge::kLeaveEmpty), ScanResult::kPmdNull);
  EXPECT_EQ(Run(kFar), ScanResult::kSucceed);
  EXPECT_TRUE(IsHuge(kFar));
}

TEST_P(CollapsePteMappedTest, OrNoneUntilTheNextFault) {
  MapPages(Huge(0));
  EXPECT_EQ(Run(Huge(0), InstallHuge::kLeaveEmpty), ScanResult::kSucceed);
  EXPECT_EQ(mm_.rss.shmem, PageCount(0));
  EXPECT_EQ(Run(Huge(0)), ScanResult::kSucceed);  // there is no table by now
  EXPECT_TRUE(IsHuge(Huge(0)));
}

TEST_P(CollapsePteMappedTest, WhatIsNotThisFoliosStopsIt) {
  MapPages(Huge(0), kMapPrivate);
  ASSERT_TRUE(Store(Huge(0, 3), 4));
  EXPECT_EQ(Run(Huge(0)), ScanResult::kFail);
  EXPECT_EQ(Load(Huge(0, 3)), 4);
}

TEST_P(CollapsePteMappedTest, AnEntryThatIsNoPageStopsIt) {
  MapPages(Huge(0));
  ASSERT_TRUE(Madvise(mm_, Huge(0, 3), page(), kAdviseGuard).ok());
  EXPECT_EQ(Run(Huge(0)), ScanResult::kPteNonPresent);
}

TEST_P(CollapsePteMappedTest, RefusesWhatCannotBeMappedWhole) {
  EXPECT_EQ(Run(Huge(0)), ScanResult::kVmaCheck);  // nothing there
  MapFile(Huge(0), huge() / 2);
  EXPECT_EQ(Run(Huge(0)), ScanResult::kVmaCheck);
  MapPages(Huge(2));
  VmaAt(Huge(2)).flags |= VmaFlag::kUffdWp;
  EXPECT_EQ(Run(Huge(2)), ScanResult::kPteUffdWp);
  VmaAt(Huge(2)).flags = VmaAt(Huge(2)).flags.without(VmaFlag::kUffdWp);
  m_.system().shmem_mount().huge = HugeOption::kNever;
  MapFile(Huge(4), huge(), kMapShared, huge_pages());
  EXPECT_EQ(Run(Huge(4)), ScanResult::kPageNull);
  EXPECT_EQ(Load(Huge(4)), 0);
  EXPECT_EQ(Run(Huge(4)), ScanResult::kPageCompound);
}

// What userfaultfd's UFFDIO_COPY does to a private mapping of shmem: an
// anonymous page at `a`, whatever the file has there (mfill_atomic_pte()).
bool CopyInto(AddressSpace& mm, GuestAddr a) {
  ReadGuard guard(mm.mmap_lock());
  Vma& vma = *mm.vmas().Find(a);
  PhysMem& phys = mm.system().phys();
  const Pfn page = *phys.AllocateZeroed(AllocPurpose::kAnon);
  if (PrepareAnonVma(vma).ok()) {
    const ErrnoOr<EntryRef> r = mm.page_table().FindOrAllocate(a, 0);
    if (r.ok()) {
      const TableLock lock(mm.page_table(), *r);
      if (lock && mm.page_table().Get(*r).none()) {
        AddNewAnonRmap(mm, vma, a, page);
        mm.page_table().Set(
            *r, Entry::Page(page, StoredPageProt(mm.system().arch(), vma)));
        return true;
      }
    }
  }
  phys.Put(page);
  return false;
}

// Over many schedules: how many of the pages that CopyInto() has put in are
// nowhere afterwards.
class CollapseUffdTest : public CollapsePteMappedTest {
 protected:
  int PagesLost(absl::string_view behaviour) {
    int lost = 0;
    for (uint64_t seed = 0; seed < 150; ++seed) {
      TestMachine m(*GetParam(), 16 << 20, 0, With(behaviour));
      m.system().shmem_mount().huge = HugeOption::kAlways;
      AddressSpace& mm = m.NewSpace();
      file_ = *MakeSharedAnon(mm, huge(), {});
      MapPages(m, mm, Huge(0), kMapPrivate);
      mm.vmas().Find(Huge(0))->flags |= VmaFlag::kUffdMissing;
      bool copied = false;
      {
        Scheduler scheduler(MakeRandom(seed));
        scheduler.Spawn("collapse", [&] {
          ReadGuard guard(mm.mmap_lock());
          (void)CollapsePteMapped(mm, Huge(0), InstallHuge::kMap);
        });
        scheduler.Spawn(
            "copy", [&] { copied = CopyInto(mm, Huge(0, huge_pages() - 1)); });
        EXPECT_EQ(scheduler.Run(), Scheduler::End::kAllDone);
      }
      if (copied && mm.rss.anon == PageCount(1) && IsHuge(mm, Huge(0))) {
        ++lost;
        Rescue(m, mm);
      }
      m.Validate();
      file_ = nullptr;  // before its machine goes
    }
    return lost;
  }

  // Lets the counts agree again.
  static void Rescue(TestMachine& m, AddressSpace& mm) {
    Pfn page;
    m.phys().ForEachFrame([&](Pfn pfn, const Frame& frame) {
      page = frame.use == FrameUse::kAnon ? pfn : page;
    });
    RemoveRmap(mm, page);
    m.phys().Put(page);
  }
};
INSTANTIATE_HUGE_TEST(CollapseUffdTest);

TEST_P(CollapseUffdTest, WithoutTheUpperLockAPageIsLost) {
  EXPECT_GT(PagesLost("collapse-uffd=buggy"), 0);
}

TEST_P(CollapseUffdTest, TheUpperLockTakenEarlySavesIt) {
  EXPECT_EQ(PagesLost("collapse-uffd=pml-early"), 0);
}

TEST_P(CollapseUffdTest, SoDoesATrylockAndAFreshStart) {
  EXPECT_EQ(PagesLost("collapse-uffd=trylock-restart"), 0);
}

}  // namespace
}  // namespace faultline::mm
