// RenderVmstat().

#include "guest_mm/mm/proc_report.h"
#include "tests/guest_mm/testing/huge_fixture.h"

namespace faultline::mm {
namespace {

using testing::HasSubstr;

class ProcVmstatTest : public HugeTest {};
INSTANTIATE_HUGE_TEST(ProcVmstatTest);

TEST_P(ProcVmstatTest, HugePagesAreCountedInHugePages) {
  Map(Huge(0), 2 * huge());
  ASSERT_TRUE(Store(Huge(0), 1));
  EXPECT_THAT(RenderVmstat(m_.system()),
              HasSubstr("\nnr_anon_transparent_hugepages 1\n"));
  ASSERT_TRUE(Munmap(mm_, Huge(0), page()).ok());
  const std::string text = RenderVmstat(m_.system());
  EXPECT_THAT(text, HasSubstr("\nnr_anon_transparent_hugepages 0\n"));
  EXPECT_THAT(text, HasSubstr("\nthp_fault_alloc 1\n"));
  EXPECT_THAT(text, HasSubstr("\nthp_split_pmd 1\n"));
  EXPECT_THAT(text, HasSubstr("\nthp_deferred_split_page 1\n"));
}

}  // namespace
}  // namespace faultline::mm
