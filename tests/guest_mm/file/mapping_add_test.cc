#include "guest_mm/calls/shared_anon.h"
#include "guest_mm/file/mapping.h"
#include "guest_mm/mm/proc_report.h"
#include "tests/guest_mm/testing/huge_fixture.h"

namespace faultline::mm {
namespace {

class MappingAddTest : public HugeTest {
 protected:
  void SetUp() override { mount().huge = HugeOption::kAlways; }
  ShmemMount& mount() { return m_.system().shmem_mount(); }
  // A file of `huge_pages` huge pages and a base page.
  std::shared_ptr<MappedFile> NewFile(uint64_t count) {
    return *MakeSharedAnon(mm_, count * huge() + page(), {});
  }
  // In base pages.
  uint64_t Cached(MappedFile& file) { return file.mapping().cached().value(); }
  void Touch(MappedFile& file, uint64_t index) {
    const ErrnoOr<Pfn> pfn = file.mapping().FindOrCreate(index);
    ASSERT_TRUE(pfn.ok());
    m_.phys().Put(*pfn);
    file.mapping().Validate();
  }
};
INSTANTIATE_HUGE_TEST(MappingAddTest);

TEST_P(MappingAddTest, APageComesWithTheWholeHugePageAroundIt) {
  const auto file = NewFile(2);
  Touch(*file, huge_pages() + 3);
  EXPECT_EQ(Cached(*file), huge_pages());
  EXPECT_EQ(file->mapping().Find(huge_pages() - 1), nullptr);
  const Pfn first = *file->mapping().Find(huge_pages());
  EXPECT_EQ(*file->mapping().Find(huge_pages() + 3), first + 3);
  EXPECT_EQ(m_.phys().frame(first).order, geometry().HugeOrder());
  EXPECT_EQ(m_.phys().frame(first).refcount, int32_t(huge_pages()));
  EXPECT_EQ(thp().cached.shmem, PageCount(huge_pages()));
  EXPECT_EQ(thp().counters.file_alloc, 1u);
}

TEST_P(MappingAddTest, NextToAPageThatIsThereItComesAlone) {
  const auto file = NewFile(1);
  mount().huge = HugeOption::kNever;
  Touch(*file, 3);
  mount().huge = HugeOption::kAlways;
  Touch(*file, 4);
  EXPECT_EQ(Cached(*file), 2u);
  EXPECT_EQ(thp().counters.file_fallback, 0u);
}

TEST_P(MappingAddTest, WithoutAFreeBlockItComesAloneAndThatIsCounted) {
  const auto file = NewFile(1);
  m_.FailAllocations([](AllocPurpose purpose) {
    return purpose == AllocPurpose::kHugePageCache;
  });
  Touch(*file, 0);
  EXPECT_EQ(Cached(*file), 1u);
  EXPECT_EQ(thp().counters.file_fallback, 1u);
}

TEST_P(MappingAddTest, WithinSizeMeansNotAcrossTheEnd) {
  mount().huge = HugeOption::kWithinSize;
  const auto file = NewFile(1);
  Touch(*file, huge_pages());
  EXPECT_EQ(Cached(*file), 1u);
  Touch(*file, 0);
  EXPECT_EQ(Cached(*file), 1 + huge_pages());
}

TEST_P(MappingAddTest, AWriteThatReachesFarEnoughCountsAsWithinSize) {
  mount().huge = HugeOption::kWithinSize;
  const auto file = *MakeSharedAnon(mm_, 0, {});
  const std::vector<std::byte> bytes(huge());
  ASSERT_TRUE(file->mapping().Write(0, bytes).ok());
  EXPECT_EQ(thp().cached.shmem, PageCount(huge_pages()));
}

TEST_P(MappingAddTest, TheKnobDeniesAndForcesWhateverTheMountSays) {
  thp().settings.shmem_enabled = ShmemHuge::kDeny;
  const auto denied = NewFile(1);
  Touch(*denied, 0);
  EXPECT_EQ(Cached(*denied), 1u);
  thp().settings.shmem_enabled = ShmemHuge::kForce;
  mount().huge = HugeOption::kNever;
  const auto forced = NewFile(1);
  Touch(*forced, 0);
  EXPECT_EQ(Cached(*forced), huge_pages());
}

TEST_P(MappingAddTest, WhereTheMountHasNoRoomForAHugePageABasePageWillDo) {
  const auto small = std::make_shared<ShmemMount>();
  small->huge = HugeOption::kAlways;
  small->most = PageCount(2);
  const auto file = NewFile(1);
  file->mapping().set_mount(small);
  Touch(*file, 0);
  Touch(*file, 1);
  EXPECT_EQ(small->used, PageCount(2));
  EXPECT_EQ(file->mapping().FindOrCreate(2).error(), Errno::kENOSPC);
  file->mapping().PunchHole(0, page());
  EXPECT_EQ(small->used, PageCount(1));
  Touch(*file, 2);
}

TEST_P(MappingAddTest, AHoleSplitsTheHugePage) {
  const auto file = NewFile(1);
  Touch(*file, 0);
  file->mapping().PunchHole(3 * page(), page());
  EXPECT_EQ(Cached(*file), huge_pages() - 1);
  EXPECT_EQ(thp().cached.shmem, PageCount());
  EXPECT_EQ(thp().counters.split_page, 1u);
  const Pfn pfn = *file->mapping().Find(4);
  EXPECT_EQ(m_.phys().frame(pfn).order, 0);
  EXPECT_EQ(m_.phys().frame(pfn).refcount, 1);
  file->mapping().Validate();
}

TEST_P(MappingAddTest, AHoleInAHugePageThatSomebodyHoldsIsZerosAndNoHole) {
  const auto file = NewFile(1);
  std::byte one{1};
  ASSERT_TRUE(file->mapping().Write(3 * page(), {&one, 1}).ok());
  const Pfn pfn = *file->mapping().Find(3);
  m_.phys().Get(pfn);
  file->mapping().PunchHole(3 * page(), page());
  EXPECT_EQ(Cached(*file), huge_pages());
  EXPECT_EQ(thp().counters.split_page_failed, 1u);
  EXPECT_EQ(*m_.phys().Data(pfn), std::byte{0});
  m_.phys().Put(pfn);
}

TEST_P(MappingAddTest, SplitPagesBeyondTheEndAreDropped) {
  const auto file = NewFile(1);
  Touch(*file, huge_pages());  // of the second, only the first page is in it
  EXPECT_EQ(Cached(*file), huge_pages());
  file->mapping().PunchHole(huge_pages() * page() + 1, 1);
  EXPECT_EQ(Cached(*file), 1u);
}

TEST_P(MappingAddTest, MeminfoTellsOfThem) {
  const auto file = NewFile(1);
  Touch(*file, 0);
  const std::string kb = absl::StrFormat("%8d kB", huge() >> 10);
  const std::string meminfo = RenderMeminfo(m_.system());
  EXPECT_THAT(meminfo, testing::HasSubstr("ShmemHugePages: " + kb));
  EXPECT_THAT(meminfo, testing::HasSubstr("Shmem:          " + kb));
  EXPECT_THAT(RenderVmstat(m_.system()),
              testing::HasSubstr("nr_shmem_hugepages 1\nnr_shmem_pmdmapped 0"));
}

}  // namespace
}  // namespace faultline::mm
