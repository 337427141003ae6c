#include "guest_mm/thp/madvise_collapse.h"

#include "guest_mm/thp/scan_result.h"
#include "tests/guest_mm/testing/huge_fixture.h"

namespace faultline::mm {
namespace {

constexpr int kCollapse = 25;

class MadviseCollapseTest : public HugeTest {
 protected:
  MadviseCollapseTest() { thp().settings.enabled = ThpEnabled::kNever; }
  Errno Collapse(GuestAddr a, uint64_t bytes) {
    const Errno error = Madvise(mm_, a, bytes, kCollapse).error();
    m_.ValidateStep();
    return error;
  }
};
INSTANTIATE_HUGE_TEST(MadviseCollapseTest);

TEST_P(MadviseCollapseTest, TheKnobsDoNotForbidIt) {
  Map(Huge(0), 3 * huge());
  for (uint64_t h = 0; h < 3; ++h) {
    ASSERT_TRUE(Store(Huge(h, 5), uint8_t(h + 1)));
  }
  EXPECT_EQ(Collapse(Huge(0), 3 * huge()), Errno::kOk);
  for (uint64_t h = 0; h < 3; ++h) {
    EXPECT_TRUE(IsHuge(Huge(h)));
    EXPECT_EQ(Load(Huge(h, 5)), int(h + 1));
  }
  EXPECT_EQ(Collapse(Huge(0), 3 * huge()), Errno::kOk) << "huge already";
}

TEST_P(MadviseCollapseTest, NoHugePageForbidsIt) {
  Map(Huge(0), huge());
  ASSERT_TRUE(Store(Huge(0), 1));
  ASSERT_TRUE(Madvise(mm_, Huge(0), huge(), 15).ok());
  EXPECT_EQ(Collapse(Huge(0), huge()), Errno::kEINVAL);
}

TEST_P(MadviseCollapseTest, UntouchedMemoryHasNothingToCollapse) {
  Map(Huge(0), huge());
  EXPECT_EQ(Collapse(Huge(0), huge()), Errno::kEINVAL);
}

TEST_P(MadviseCollapseTest, EmptyPlacesAreSkippedAndToldOfInTheEnd) {
  Map(Huge(0), 3 * huge());
  ASSERT_TRUE(Store(Huge(0), 1));
  ASSERT_TRUE(Store(Huge(2), 3));
  // Huge(1)'s table is missing: PMD_NONE ends it there.
  EXPECT_EQ(Collapse(Huge(0), 3 * huge()), Errno::kEINVAL);
  EXPECT_TRUE(IsHuge(Huge(0)));
  EXPECT_FALSE(IsHuge(Huge(2)));
}

TEST_P(MadviseCollapseTest, OnePinnedPageIsATryAgainAndDoesNotStopTheRest) {
  Map(Huge(0), 2 * huge());
  ASSERT_TRUE(Store(Huge(0), 1) && Store(Huge(1), 2));
  const Pfn pinned = m_.EntryAt(mm_, Huge(0)).pfn();
  m_.Hold(pinned);
  EXPECT_EQ(Collapse(Huge(0), 2 * huge()), Errno::kEAGAIN);
  EXPECT_FALSE(IsHuge(Huge(0)));
  EXPECT_TRUE(IsHuge(Huge(1)));
  m_.LetGo(pinned);
}

TEST_P(MadviseCollapseTest, NoMemoryForOneEndsIt) {
  Map(Huge(0), 2 * huge());
  ASSERT_TRUE(Store(Huge(0), 1) && Store(Huge(1), 2));
  m_.FailAllocations([](AllocPurpose purpose) {
    return purpose == AllocPurpose::kHugeCollapse;
  });
  EXPECT_EQ(Collapse(Huge(0), 2 * huge()), Errno::kENOMEM);
  EXPECT_EQ(thp().results[size_t(ScanResult::kAllocHugePageFail)], 1u);
}

TEST_P(MadviseCollapseTest, ARangeWithoutAWholeHugePage) {
  Map(Huge(0), 2 * huge());
  ASSERT_TRUE(Store(Huge(0), 1));
  EXPECT_EQ(Collapse(Huge(0), page()), Errno::kOk) << "none asked, none failed";
  EXPECT_EQ(Collapse(Huge(0, 1), page()), Errno::kEINVAL);
  EXPECT_EQ(Collapse(Huge(0, 1), huge()), Errno::kOk);
  EXPECT_FALSE(IsHuge(Huge(0)));
}

TEST_P(MadviseCollapseTest, HolesAreToldOfAfterTheRestIsDone) {
  Map(Huge(0), huge());
  Map(Huge(2), huge());
  ASSERT_TRUE(Store(Huge(0), 1) && Store(Huge(2), 3));
  EXPECT_EQ(Collapse(Huge(0), 3 * huge()), Errno::kENOMEM);
  EXPECT_TRUE(IsHuge(Huge(0)) && IsHuge(Huge(2)));
}

}  // namespace
}  // namespace faultline::mm
