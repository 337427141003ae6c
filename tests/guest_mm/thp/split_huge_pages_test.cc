#include "guest_mm/thp/split_huge_pages.h"

#include "tests/guest_mm/testing/huge_fixture.h"

namespace faultline::mm {
namespace {

class SplitHugePagesTest : public HugeTest {
 protected:
  SplitHugePagesTest() {
    Map(Huge(0), 3 * huge());
    for (uint64_t h = 0; h < 3; ++h) {
      Store(Huge(h, h), uint8_t(h + 1));
    }
  }
  bool WholeAt(GuestAddr a) {
    return m_.phys().folio(m_.EntryAt(mm_, a).pfn()).order > 0;
  }
};
INSTANTIATE_HUGE_TEST(SplitHugePagesTest);

TEST_P(SplitHugePagesTest, AnyPageInTheRangeIsReasonEnough) {
  const SplitCount count =
      SplitHugePagesIn(mm_, {Huge(0, huge_pages() - 1), Huge(1, 1)});
  EXPECT_EQ(count.total, 2u);
  EXPECT_EQ(count.split, 2u);
  EXPECT_FALSE(WholeAt(Huge(0)) || WholeAt(Huge(1)));
  EXPECT_TRUE(WholeAt(Huge(2)));
  EXPECT_EQ(Load(Huge(1, 1)), 2);
}

TEST_P(SplitHugePagesTest, PagesMovedAwayFromEachOtherAreFoundToo) {
  // MREMAP_MAYMOVE | MREMAP_FIXED
  ASSERT_TRUE(Mremap(mm_, Huge(1, 1), page(), page(), 3, Huge(9)).ok());
  EXPECT_TRUE(WholeAt(Huge(9)));
  const SplitCount count =
      SplitHugePagesIn(mm_, GuestRange::At(Huge(9), page()));
  EXPECT_EQ(count.split, 1u);
  EXPECT_FALSE(WholeAt(Huge(9)) || WholeAt(Huge(1)));
  EXPECT_EQ(Load(Huge(9)), 2);
}

TEST_P(SplitHugePagesTest, APinnedOneIsCountedAndLeft) {
  const Pfn pinned = m_.EntryAt(mm_, Huge(1)).pfn();
  m_.Hold(pinned);
  const SplitCount count = SplitAllHugePages(m_.system());
  EXPECT_EQ(count.total, 3u);
  EXPECT_EQ(count.split, 2u);
  EXPECT_TRUE(WholeAt(Huge(1)));
  m_.LetGo(pinned);
}

TEST_P(SplitHugePagesTest, NothingMappedIsNothingSplit) {
  const SplitCount count =
      SplitHugePagesIn(mm_, GuestRange::At(Huge(50), huge()));
  EXPECT_EQ(count.total, 0u);
}

}  // namespace
}  // namespace faultline::mm
