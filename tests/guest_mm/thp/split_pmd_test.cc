#include "guest_mm/thp/split_pmd.h"

#include "tests/guest_mm/testing/huge_fixture.h"

namespace faultline::mm {
namespace {

constexpr int kDontNeed = 4;
constexpr int kNoHugePage = 15;

class SplitPmdTest : public HugeTest {
 protected:
  SplitPmdTest() {
    Map(Huge(0), 2 * huge());
    Store(Huge(0, 1), 11);
    Store(Huge(0, huge_pages() - 1), 12);
    Store(Huge(1, 1), 13);
  }
  void ExpectContents() {
    EXPECT_EQ(Load(Huge(0, 1)), 11);
    EXPECT_EQ(Load(Huge(0, huge_pages() - 1)), 12);
    EXPECT_EQ(Load(Huge(1, 1)), 13);
  }
};
INSTANTIATE_HUGE_TEST(SplitPmdTest);

TEST_P(SplitPmdTest, ThePagesStayWhereTheyWereAndTheFolioWhole) {
  const Pfn head = m_.EntryAt(mm_, Huge(0)).pfn();
  const PageCount tables = mm_.page_table().tables();
  SplitHugePmd(mm_, *mm_.vmas().Find(Huge(0)), Huge(0, 3));
  EXPECT_FALSE(IsHuge(Huge(0)));
  EXPECT_TRUE(IsHuge(Huge(1)));
  EXPECT_EQ(m_.EntryAt(mm_, Huge(0, 5)).pfn(), head + 5);
  EXPECT_TRUE(m_.EntryAt(mm_, Huge(0, 5)).dirty());
  const Frame& folio = m_.phys().frame(head);
  EXPECT_EQ(folio.entire_mapcount, 0);
  EXPECT_EQ(folio.large_mapcount, int32_t(huge_pages()));
  EXPECT_EQ(folio.refcount, int32_t(huge_pages()));
  EXPECT_EQ(mm_.page_table().tables(), tables);
  EXPECT_EQ(mm_.rss.anon, PageCount(2 * huge_pages()));
  ExpectContents();
  ASSERT_TRUE(Store(Huge(0, 5), 1));  // still exclusive: no copy
  EXPECT_EQ(m_.system().counters().cow_copies, 0u);
}

TEST_P(SplitPmdTest, MprotectOfAPartSplitsAndOfAllDoesNot) {
  ASSERT_TRUE(Mprotect(mm_, Huge(0), 2 * huge(), 1).ok());
  EXPECT_TRUE(IsHuge(Huge(0)) && IsHuge(Huge(1)));
  EXPECT_FALSE(Store(Huge(0), 1));
  ASSERT_TRUE(Mprotect(mm_, Huge(0, 4), huge(), kRW).ok());
  EXPECT_FALSE(IsHuge(Huge(0)) || IsHuge(Huge(1)));
  EXPECT_FALSE(Store(Huge(0, 3), 1));
  EXPECT_TRUE(Store(Huge(0, 4), 1));
  EXPECT_TRUE(Store(Huge(1, 3), 1));
  EXPECT_FALSE(Store(Huge(1, 4), 1));
  ExpectContents();
}

TEST_P(SplitPmdTest, MunmapOfAPartQueuesTheFolioToBeSplit) {
  ASSERT_TRUE(Munmap(mm_, Huge(0, 2), page()).ok());
  EXPECT_FALSE(IsHuge(Huge(0)));
  EXPECT_EQ(mm_.rss.anon, PageCount(2 * huge_pages() - 1));
  EXPECT_EQ(m_.phys().deferred_split().size(), 1u);
  EXPECT_EQ(thp().counters.deferred_split_page, 1u);
  ExpectContents();
  ASSERT_TRUE(Munmap(mm_, Huge(0), huge()).ok());
  EXPECT_TRUE(m_.phys().deferred_split().empty());
}

TEST_P(SplitPmdTest, DontneedOfAPartZeroesThatPart) {
  ASSERT_TRUE(Madvise(mm_, Huge(0, 1), page(), kDontNeed).ok());
  EXPECT_EQ(Load(Huge(0, 1)), 0);
  EXPECT_EQ(Load(Huge(0, huge_pages() - 1)), 12);
  EXPECT_FALSE(IsHuge(Huge(0)));
  ASSERT_TRUE(Madvise(mm_, Huge(1), huge(), kDontNeed).ok());
  EXPECT_EQ(Load(Huge(1, 1)), 0);
}

TEST_P(SplitPmdTest, AVmaBorderInTheMiddleSplits) {
  // Advice alone touches no entry; the border does.
  ASSERT_TRUE(Madvise(mm_, Huge(0), 3 * page(), kNoHugePage).ok());
  EXPECT_FALSE(IsHuge(Huge(0)));
  ExpectContents();
  // A border that moves into the next huge page.
  ASSERT_TRUE(Madvise(mm_, Huge(0, 3), huge(), kNoHugePage).ok());
  EXPECT_FALSE(IsHuge(Huge(1)));
  ExpectContents();
}

TEST_P(SplitPmdTest, MremapToAnAlignedPlaceMovesItWhole) {
  const GuestAddr to = Huge(8);
  ASSERT_TRUE(Mremap(mm_, Huge(0), 2 * huge(), 2 * huge(), 3, to).ok());
  EXPECT_TRUE(IsHuge(to) && IsHuge(Huge(9)));
  EXPECT_EQ(thp().counters.split_pmd, 0u);
  EXPECT_EQ(Load(to + page()), 11);
  EXPECT_EQ(Load(Huge(9, 1)), 13);
}

TEST_P(SplitPmdTest, MremapToAnUnalignedPlaceSplits) {
  const GuestAddr to = Huge(8, 5);
  ASSERT_TRUE(Mremap(mm_, Huge(0), 2 * huge(), 2 * huge(), 3, to).ok());
  EXPECT_EQ(thp().counters.split_pmd, 2u);
  EXPECT_EQ(Load(to + page()), 11);
  EXPECT_EQ(Load(to + (huge_pages() - 1) * page()), 12);
  EXPECT_EQ(Load(to + huge() + page()), 13);
}

TEST_P(SplitPmdTest, TheHugePageOfZerosSplitsIntoPagesOfZeros) {
  Map(Huge(4), huge());
  ASSERT_EQ(Load(Huge(4)), 0);
  SplitHugePmd(mm_, *mm_.vmas().Find(Huge(4)), Huge(4));
  EXPECT_EQ(m_.EntryAt(mm_, Huge(4, 3)).pfn(), m_.system().zero_page());
  EXPECT_EQ(Load(Huge(4, 3)), 0);
  EXPECT_TRUE(Store(Huge(4, 3), 1));
}

TEST_P(SplitPmdTest, APageMappedBothWaysIsCountedBothWays) {
  AddressSpace& child = m_.Adopt(*DupMm(mm_));
  ASSERT_TRUE(Munmap(child, Huge(0, 2), page()).ok());
  const Frame& folio = m_.FrameAt(mm_, Huge(0));
  EXPECT_EQ(folio.entire_mapcount, 1);
  EXPECT_EQ(folio.large_mapcount, int32_t(huge_pages()));
  EXPECT_TRUE(m_.phys().deferred_split().empty());  // all of it is in use
  EXPECT_EQ(thp().mapped.anon, PageCount(2 * huge_pages()));
  ASSERT_TRUE(Munmap(mm_, Huge(0), huge()).ok());
  EXPECT_EQ(m_.phys().deferred_split().size(), 1u);
  EXPECT_EQ(m_.Load(child, Huge(0, 1)), 11);
}

}  // namespace
}  // namespace faultline::mm
