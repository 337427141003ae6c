// Every claim, on every architecture that it speaks of.
// Covers: plugin/lab/retry_claims.cc plugin/lab/block_claims.cc
// Covers: plugin/lab/tag_claims.cc

#include "plugin/lab/experiment.h"

#include <set>
#include <string>
#include <tuple>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace faultline::lab {
namespace {

using engine::Arch;
using ::testing::HasSubstr;
using ::testing::Not;

class ClaimTest : public testing::TestWithParam<std::tuple<Experiment, Arch>> {
};

TEST_P(ClaimTest, Holds) {
  const auto& [experiment, arch] = GetParam();
  if (experiment.needs_tags && arch == Arch::kX86) {
    GTEST_SKIP() << "x86-64 has no tags";
  }
  const Findings findings = RunExperiment(experiment, arch);
  EXPECT_EQ(findings.verdict, Verdict::kHeld)
      << Render(experiment, arch, findings);
  EXPECT_GE(findings.rows.size(), 2u);
  for (const auto& row : findings.rows) {
    EXPECT_EQ(row.size(), findings.columns.size());
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, ClaimTest,
    testing::Combine(testing::ValuesIn(Experiments().begin(),
                                       Experiments().end()),
                     testing::Values(Arch::kX86, Arch::kArm64)),
    [](const auto& test) {
      return std::string(std::get<0>(test.param).id) +
             (std::get<1>(test.param) == Arch::kX86 ? "_x86" : "_arm64");
    });

TEST(FindingsTest, NothingIsHeldByNoRows) {
  Findings findings;
  EXPECT_EQ(findings.verdict, Verdict::kUndecided);
  findings.Add({"a", "done"}, true);
  EXPECT_EQ(findings.verdict, Verdict::kHeld);
  findings.Add({"b", kTooLong}, false);
  EXPECT_EQ(findings.verdict, Verdict::kUndecided);
  findings.Add({"c", "done"}, true);
  EXPECT_EQ(findings.verdict, Verdict::kUndecided);
  findings.Add({"d", "done"}, false);
  EXPECT_EQ(findings.verdict, Verdict::kViolated);
}

TEST(ExperimentTest, ALivelockIsShownAsItsCycle) {
  const Experiment& p6 = *FindExperiment("P6");
  const std::string text = Render(p6, Arch::kArm64, p6.run(Arch::kArm64));
  EXPECT_THAT(text, HasSubstr("for ever:"));
  EXPECT_THAT(text, HasSubstr("tag fault at buffer+"));
  EXPECT_THAT(text, HasSubstr("P6: held"));
}

TEST(ExperimentTest, NamesAreOnce) {
  std::set<absl::string_view> seen;
  for (const Experiment& e : Experiments()) {
    EXPECT_TRUE(seen.insert(e.id).second) << e.id;
    EXPECT_EQ(FindExperiment(e.id), &e);
  }
  EXPECT_EQ(FindExperiment("P12"), nullptr);
}

TEST(ExperimentTest, AnythingNotAsClaimedIsAViolation) {
  Findings f;
  f.columns = {"a"};
  f.Add({"1"}, true);
  EXPECT_EQ(f.verdict, Verdict::kHeld);
  f.Add({"2"}, false);
  f.Add({"3"}, true);
  EXPECT_EQ(f.verdict, Verdict::kViolated);
  const std::string text = Render(*FindExperiment("P1"), Arch::kX86, f);
  EXPECT_THAT(text, HasSubstr("2  <- not as claimed"));
  EXPECT_THAT(text, HasSubstr("P1: violated"));
  EXPECT_THAT(text, Not(HasSubstr("3  <-")));
}

}  // namespace
}  // namespace faultline::lab
