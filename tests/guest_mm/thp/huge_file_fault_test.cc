// Huge pages of files in mappings: thp/huge_fault.h MapHugeFile().
#include "guest_mm/sync/scheduler.h"
#include "guest_mm/thp/split_folio.h"
#include "guest_mm/thp/split_huge_pages.h"
#include "tests/guest_mm/testing/huge_file_fixture.h"

namespace faultline::mm {
namespace {

constexpr uint64_t kShared = kMapShared;
constexpr uint64_t kPrivate = kMapPrivate;

class HugeFileFaultTest : public HugeFileTest {
 protected:
  void SetUp() override {
    m_.system().shmem_mount().huge = HugeOption::kAlways;
    HugeFileTest::SetUp();
  }
};
INSTANTIATE_HUGE_TEST(HugeFileFaultTest);

TEST_P(HugeFileFaultTest, ASharedMappingMapsItWhole) {
  MapFile(Huge(0), 2 * huge(), kShared);
  ASSERT_TRUE(Store(Huge(0, 7), 42));
  EXPECT_EQ(Load(Huge(1, 3)), 0);
  EXPECT_TRUE(IsHuge(Huge(0)) && IsHuge(Huge(1)));
  EXPECT_EQ(mm_.rss.shmem, PageCount(2 * huge_pages()));
  EXPECT_EQ(thp().mapped.shmem, PageCount(2 * huge_pages()));
  EXPECT_EQ(thp().counters.file_mapped, 2u);
  EXPECT_EQ(m_.system().counters().faults, 2u);
  // No table of base entries was made for them.
  EXPECT_EQ(mm_.page_table().tables_at(0), PageCount(0));
}

TEST_P(HugeFileFaultTest, AReadOfAPrivateMappingMapsItWholeAStoreCopiesAPage) {
  MapFile(Huge(0), huge(), kPrivate);
  EXPECT_EQ(Load(Huge(0, 7)), 0);
  EXPECT_TRUE(IsHuge(Huge(0)));
  ASSERT_TRUE(Store(Huge(0, 7), 42));
  EXPECT_FALSE(IsHuge(Huge(0)));
  EXPECT_EQ(mm_.rss.anon, PageCount(1));
  EXPECT_EQ(mm_.rss.shmem, PageCount(0));
  EXPECT_EQ(Load(Huge(0, 7)), 42);
  EXPECT_EQ(Load(Huge(0, 8)), 0);
  EXPECT_EQ(PageAt(0).order, geometry().HugeOrder());
}

TEST_P(HugeFileFaultTest, TwoMappingsOfWhichOneDoesNotFit) {
  MapFile(Huge(0), huge(), kShared);
  MapFile(Huge(4) + page(), huge(), kShared);
  ASSERT_TRUE(Store(Huge(0, 7), 42));
  EXPECT_EQ(Load(Huge(4, 8)), 42);
  EXPECT_TRUE(IsHuge(Huge(0)));
  EXPECT_FALSE(IsHuge(Huge(4, 8)));
  EXPECT_EQ(PageAt(7).entire_mapcount, 1);
  EXPECT_GT(PageAt(7).pages_mapped, 0);
  ASSERT_TRUE(Store(Huge(4, 9), 43));
  EXPECT_EQ(Load(Huge(0, 8)), 43);
}

TEST_P(HugeFileFaultTest, AMappingThatWantsNoneGetsBasePages) {
  MapFile(Huge(0), huge(), kShared);
  EXPECT_EQ(Load(Huge(0)), 0);
  MapFile(Huge(2), huge(), kShared);
  ASSERT_TRUE(Madvise(mm_, Huge(2), huge(), 15).ok());  // MADV_NOHUGEPAGE
  EXPECT_EQ(Load(Huge(2)), 0);
  EXPECT_TRUE(IsHuge(Huge(0)));
  EXPECT_FALSE(IsHuge(Huge(2)));
}

TEST_P(HugeFileFaultTest, APartThatIsUnmappedTakesTheEntryNotTheFolio) {
  MapFile(Huge(0), huge(), kShared);
  ASSERT_TRUE(Store(Huge(0, 7), 42));
  ASSERT_TRUE(Madvise(mm_, Huge(0, 3), page(), kAdviseDontNeed).ok());
  EXPECT_EQ(mm_.rss.shmem, PageCount(0));
  EXPECT_EQ(thp().counters.split_pmd, 1u);
  EXPECT_TRUE(PageAt(0).dirty);
  EXPECT_EQ(Load(Huge(0, 7)), 42);
  EXPECT_TRUE(IsHuge(Huge(0)));
}

TEST_P(HugeFileFaultTest, TruncationReachesIntoTheFolio) {
  MapFile(Huge(0), huge(), kShared);
  ASSERT_TRUE(Store(Huge(0, 1), 41));
  ASSERT_TRUE(Store(Huge(0, 7), 42));
  file_->mapping().Resize(2 * page());
  EXPECT_EQ(file_->mapping().cached(), PageCount(2));
  EXPECT_EQ(Load(Huge(0, 1)), 41);
  EXPECT_EQ(m_.Touch(mm_, Huge(0, 7), Access::kRead),
            PageFaultOutcome::Kind::kBusError);
  EXPECT_FALSE(IsHuge(Huge(0)));
}

TEST_P(HugeFileFaultTest, ASplitLeavesThePagesToFaults) {
  MapFile(Huge(0), huge(), kShared);
  MapFile(Huge(4) + page(), huge(), kShared);
  ASSERT_TRUE(Store(Huge(0, 7), 42));
  ASSERT_TRUE(Store(Huge(4, 9), 43));
  const Pfn page = *file_->mapping().Find(8);
  m_.phys().Get(page);
  m_.phys().folio(page).lock.Acquire();
  EXPECT_TRUE(SplitFolio(m_.system(), page).ok());
  m_.phys().frame(page).lock.Release();
  m_.phys().Put(page);
  EXPECT_EQ(mm_.rss.shmem, PageCount(0));
  EXPECT_EQ(PageAt(8).order, 0);
  EXPECT_EQ(thp().cached.shmem, PageCount(0));
  EXPECT_EQ(Load(Huge(0, 7)), 42);
  EXPECT_EQ(Load(Huge(0, 8)), 43);
  EXPECT_FALSE(IsHuge(Huge(0)));
}

TEST_P(HugeFileFaultTest, AHolderKeepsItWhole) {
  MapFile(Huge(0), huge(), kShared);
  ASSERT_TRUE(Store(Huge(0, 7), 42));
  const Pfn page = *file_->mapping().Find(8);
  m_.phys().Get(page);
  m_.phys().Get(page);
  m_.phys().folio(page).lock.Acquire();
  EXPECT_EQ(SplitFolio(m_.system(), page).error(), Errno::kEAGAIN);
  m_.phys().folio(page).lock.Release();
  m_.phys().Put(page);
  m_.phys().Put(page);
  EXPECT_TRUE(IsHuge(Huge(0)));
}

TEST_P(HugeFileFaultTest, RacesOfAllWhoTouchTheFolio) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(seed);
    TestMachine m(*GetParam(), 16 << 20);
    m.system().shmem_mount().huge = HugeOption::kAlways;
    AddressSpace& mm = m.NewSpace();
    file_ = *MakeSharedAnon(mm, 2 * huge(), {});
    MapFile(mm, Huge(0), huge(), kShared);
    MapFile(mm, Huge(4) + page(), huge(), kShared);
    MapFile(mm, Huge(6), huge(), kPrivate);
    ASSERT_TRUE(m.Store(mm, Huge(0, 7), 8));
    AddressSpace* child = nullptr;
    {
      Scheduler scheduler(MakeRandom(seed));
      scheduler.Spawn("store", [&] { m.Store(mm, Huge(0, 1), 77); });
      scheduler.Spawn("other", [&] { m.Store(mm, Huge(4, 9), 78); });
      scheduler.Spawn("private", [&] { m.Store(mm, Huge(6, 3), 79); });
      scheduler.Spawn("fork", [&] { child = &m.Adopt(*DupMm(mm)); });
      scheduler.Spawn("split", [&] { (void)SplitAllHugePages(m.system()); });
      scheduler.Spawn("hole",
                      [&] { file_->mapping().PunchHole(5 * page(), page()); });
      scheduler.Spawn("zap", [&] {
        ASSERT_TRUE(Madvise(mm, Huge(0, 6), page(), kAdviseDontNeed).ok());
      });
      ASSERT_EQ(scheduler.Run(), Scheduler::End::kAllDone);
    }
    m.Validate();
    ASSERT_EQ(m.Load(mm, Huge(0, 1)), 77);
    ASSERT_EQ(m.Load(*child, Huge(4, 9)), 78);
    ASSERT_EQ(m.Load(mm, Huge(6, 3)), 79);
    ASSERT_EQ(m.Load(mm, Huge(6, 5)), 0);
    ASSERT_EQ(m.Load(mm, Huge(6, 7)), 8);
    file_ = nullptr;  // before its machine goes
  }
}

}  // namespace
}  // namespace faultline::mm
