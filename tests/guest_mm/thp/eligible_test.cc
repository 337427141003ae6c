#include "guest_mm/thp/eligible.h"

#include "tests/guest_mm/testing/huge_fixture.h"

namespace faultline::mm {
namespace {

class EligibleTest : public HugeTest {
 protected:
  Vma& Mapped(uint64_t bytes, VmaFlags flags = {}) {
    return m_.Map(mm_, kBase, bytes, Prot::RW(), flags);
  }
};
INSTANTIATE_HUGE_TEST(EligibleTest);

TEST_P(EligibleTest, AlwaysAllowsWhatNobodyAskedFor) {
  EXPECT_TRUE(HugeAllowed(Mapped(huge()), ThpFor::kFault));
}

TEST_P(EligibleTest, MadviseAllowsOnlyWhatWasAskedFor) {
  thp().settings.enabled = ThpEnabled::kMadvise;
  Vma& vma = Mapped(huge());
  EXPECT_FALSE(HugeAllowed(vma, ThpFor::kFault));
  vma.flags |= VmaFlag::kHugePage;
  EXPECT_TRUE(HugeAllowed(vma, ThpFor::kFault));
}

TEST_P(EligibleTest, NeverAllowsNothingButTheCallerOfCollapse) {
  thp().settings.enabled = ThpEnabled::kNever;
  Vma& vma = Mapped(huge(), VmaFlag::kHugePage);
  EXPECT_FALSE(HugeAllowed(vma, ThpFor::kFault));
  ASSERT_TRUE(Store(Huge(0), 1));
  EXPECT_FALSE(HugeAllowed(vma, ThpFor::kKhugepaged));
  EXPECT_TRUE(HugeAllowed(vma, ThpFor::kCollapse));
}

TEST_P(EligibleTest, NohugepageAndPrctlForbidItToEveryone) {
  Vma& vma = Mapped(huge(), VmaFlag::kNoHugePage);
  EXPECT_FALSE(HugeAllowed(vma, ThpFor::kCollapse));
  vma.flags = vma.flags.without(VmaFlag::kNoHugePage);
  mm_.thp_disabled = true;
  EXPECT_FALSE(HugeAllowed(vma, ThpFor::kFault));
}

TEST_P(EligibleTest, SmapsCallsUntouchedMemoryEligibleAndKhugepagedDoesNot) {
  Vma& vma = Mapped(huge());
  EXPECT_TRUE(HugeAllowed(vma, ThpFor::kSmaps));
  EXPECT_FALSE(HugeAllowed(vma, ThpFor::kKhugepaged));
}

TEST_P(EligibleTest, SmapsCallsAMappingThatHoldsNoHugePageIneligible) {
  EXPECT_FALSE(HugeAllowed(Mapped(huge() - page()), ThpFor::kSmaps));
}

TEST_P(EligibleTest, OnlyAHugePageThatLiesInTheMappingFits) {
  const Vma& vma = m_.Map(mm_, kBase + page(), 2 * huge(), Prot::RW());
  EXPECT_FALSE(HugeFits(vma, Huge(0, 5)));
  EXPECT_TRUE(HugeFits(vma, Huge(1, 5)));
  EXPECT_FALSE(HugeFits(vma, Huge(2)));
}

TEST_P(EligibleTest, AFileMustBeAlignedAsItsAddressesAre) {
  const auto file = m_.NewFile(Mapping::Kind::kShmem, "x");
  const Vma& even = m_.Map(mm_, kBase, huge(), Prot::RW(), VmaFlag::kShared,
                           file, huge_pages());
  EXPECT_TRUE(HugeFits(even, Huge(0)));
  const Vma& odd = m_.Map(mm_, kBase + 2 * huge(), huge(), Prot::RW(),
                          VmaFlag::kShared, file, 1);
  EXPECT_FALSE(HugeFits(odd, Huge(2)));
}

}  // namespace
}  // namespace faultline::mm
