#include "plugin/lab/claims_page.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "plugin/lab/experiment.h"
#include "plugin/lab/script_claims.h"

namespace faultline::lab {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(ClaimsPageTest, EveryClaimIsExplained) {
  for (const Experiment& e : Experiments()) {
    if (e.run != nullptr) {
      EXPECT_FALSE(e.about.empty()) << e.id;
    } else {
      EXPECT_THAT(std::string(ScriptOf(e.id)),
                  StartsWith(absl::StrCat("-- ", e.id, ": ")));
    }
  }
}

TEST(ClaimsPageTest, HasEveryClaimWithItsVerdict) {
  const std::string page = ClaimsMarkdown();
  for (const Experiment& e : Experiments()) {
    EXPECT_THAT(page,
                HasSubstr(absl::StrCat("\n### ", e.id, ": ", e.claim, "\n\n")));
  }
  EXPECT_THAT(page, HasSubstr("alike on both architectures"));
  EXPECT_THAT(page, HasSubstr("on arm64, which has tags"));
  EXPECT_THAT(page, HasSubstr("x86-64:\n\n```\n"));
  EXPECT_THAT(page, Not(HasSubstr("violated*")));
}

}  // namespace
}  // namespace faultline::lab
