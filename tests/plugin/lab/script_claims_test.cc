// What the claims that are scripts must show: not only that each held, but that
// the rule which breaks something did break it.
// tests/plugin/lab/experiment_test runs every claim.

#include "plugin/lab/script_claims.h"

#include <fstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace faultline::lab {
namespace {

using engine::Arch;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;

// The rows, each as one text.
std::vector<std::string> Rows(absl::string_view id, Arch arch = Arch::kX86) {
  std::vector<std::string> rows;
  for (const auto& row : RunScript(id, arch).rows) {
    std::string text;
    for (const std::string& cell : row) {
      text += (text.empty() ? "" : " | ") + cell;
    }
    rows.push_back(text);
  }
  return rows;
}

TEST(ScriptClaims, ThereIsAScriptForEachThatHasNoFunction) {
  int scripts = 0;
  for (const Experiment& e : Experiments()) {
    EXPECT_NE(e.run == nullptr, ScriptOf(e.id).empty()) << e.id;
    scripts += e.run == nullptr ? 1 : 0;
  }
  EXPECT_GE(scripts, 17);
  EXPECT_FALSE(ReadScriptFile("../k3.lua").ok());
}

TEST(ScriptClaims, AnErrorInAScriptIsAViolation) {
  const Findings f = RunScript("NONE", Arch::kX86);
  EXPECT_EQ(f.verdict, Verdict::kUndecided);  // nothing was shown
}

TEST(ScriptClaims, TheRuleThatLosesAPageLosesOne) {
  const auto rows = Rows("K3");
  EXPECT_THAT(rows, Contains(AllOf(HasSubstr("buggy | 1 |"),
                                   HasSubstr("broken invariant"))));
  EXPECT_THAT(rows, Contains(AllOf(HasSubstr("pml-early | up to 2"),
                                   HasSubstr("whole"))));
  EXPECT_THAT(rows, Contains(AllOf(HasSubstr("trylock-restart | up to 2"),
                                   HasSubstr("whole"))));
}

TEST(ScriptClaims, VersionsDifferWhereLinuxDid) {
  EXPECT_THAT(Rows("U1"), Each(HasSubstr("EAGAIN")));
  EXPECT_EQ(Rows("U3"),
            (std::vector<std::string>{"6.1 | EFAULT", "6.6 | EFAULT",
                                      "6.12 | EEXIST", "6.18 | EEXIST"}));
  const auto u5 = Rows("U5");
  EXPECT_THAT(u5, Contains(HasSubstr("6.6 | the second look | done | BUG: ")));
  EXPECT_THAT(u5,
              Contains(HasSubstr("6.12 | the second look | done | EEXIST")));
  EXPECT_THAT(u5, Contains(HasSubstr("6.12 | its lock | done | EAGAIN")));
  EXPECT_THAT(Rows("U8"), Contains(HasSubstr("livelock")));
  EXPECT_THAT(Rows("U9"), Contains(HasSubstr("unchecked | copied")));
  const auto w1 = Rows("W1");
  EXPECT_THAT(w1, Contains("6.1 | 1 | 0 | 2 of 3 parts | is not told of"));
  EXPECT_THAT(w1,
              Contains("6.12 | 1 | ENOMEM | 0 of 3 parts | is not told of"));
}

// The real lines of shared/oracle/wp-enomem.c on Linux 6.12.
TEST(ScriptClaims, TheMisSummedErrorIsLinuxsLineByLine) {
  std::ifstream real(std::string(FAULTLINE_SOURCE_DIR) +
                     "/tests/plugin/lab/wp_enomem_6_12.txt");
  const auto rows = Rows("W4");
  ASSERT_EQ(rows.size(), 42u);
  std::string line;
  for (size_t i = 0; i < 21; ++i) {
    ASSERT_TRUE(std::getline(real, line));
    EXPECT_EQ(rows[i], "summed | " + line);
  }
}

TEST(ScriptClaims, ADeviceWritesPastProtection) {
  const auto rows = Rows("W5", Arch::kArm64);
  EXPECT_THAT(rows,
              Contains(HasSubstr("Linux | 0 | - | under protection | 0")));
  EXPECT_THAT(rows, Contains(HasSubstr("extension | 0 | 4096")));
}

}  // namespace
}  // namespace faultline::lab
