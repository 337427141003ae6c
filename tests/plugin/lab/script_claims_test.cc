// What the scripts must show besides coming out as claimed: the cells without
// which a claim would say nothing.
// Covers: plugin/script/bind/fault.cc plugin/script/bind/table_lock.cc

#include "plugin/lab/script_claims.h"

#include <algorithm>
#include <fstream>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "plugin/lab/experiment.h"

namespace faultline::lab {
namespace {

using engine::Arch;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

// A row, its cells joined by " | ", of a claim's table.
struct Essential {
  const char* id;
  const char* row;
};

constexpr Essential kEssentials[] = {
    {"K1", "private \\| UFFDIO_COPY \\| none \\| anon"},
    {"K1", "private, cached \\| write fault \\| some \\| anon"},
    {"K1", "shared \\| UFFDIO_COPY \\| some \\| shmem"},
    {"K2", "write fault \\| waits: page.lock \\| is there \\| right"},
    {"K2", "UFFDIO_COPY \\| done \\| is lost \\| .*rss.*"},
    {"K4", "pml-only \\| early \\| dropped \\| [0-9]+ \\| .*rss.*"},
    {"K4", "pml-early \\| early \\| kept \\| [0-9][0-9]+ \\| whole"},
    {"K5", "trylock-restart \\| [0-9]+ \\| 0 in [0-9]+, 1 in [0-9]+ \\| whole"},
    {"K5", "pml-early \\| [0-9]+ \\| 0 in [0-9]+ \\| whole"},
    {"K6", "6.12 \\| shared \\| missing \\| done \\| huge"},
    {"K6", "6.12 \\| private, anon_vma elsewhere \\| - \\| done \\| huge"},
    {"K6", "6.12 \\| shared \\| wp \\| refused \\| page"},
    {"K7", "looks-once \\| UFFDIO_COPY \\| .* \\| .*rss.*"},
    {"K7", "looks-once \\| write fault \\| .* \\| whole"},
    {"K7", "table-locks \\| UFFDIO_COPY \\| .* \\| whole"},
    {"K8", "kept \\| 6.12 \\| no page \\| kept \\| there \\| trapped"},
    {"K8", "freed \\| 6.12 \\| no page \\| freed \\| lost \\| missed"},
    {"K8", "freed \\| 6.12 \\| a page \\| freed \\| lost \\| missed"},
    {"K9",
     "a huge page in base entries \\| collapse.pte_mapped.cleared \\| "
     "done \\| done \\| lost"},
    {"K9",
     "a huge page in base entries \\| all: .* \\| "
     "holds [0-9]+, lost [0-9]+"},
    {"K9",
     "the same, private and armed \\| collapse.pte_mapped.cleared \\| "
     "done \\| gives up \\| holds"},
    {"K9", "anonymous pages \\| collapse.detached \\| .* \\| holds"},
    {"K10", "pmd \\| pte \\| the same \\| none"},
    {"K10", "pte \\| pmd \\| nobody \\| lock order"},
    {"K10", "pte \\| another pte \\| the other way \\| deadlock"},
    {"G1", "this machine \\| 4096 bytes left, dies \\| 4096 bytes left, dies"},
    {"G1", "alpha \\| livelock .* \\| 4096 bytes left, dies"},
    {"G1", "sparc \\| livelock .* \\| 4096 bytes left, dies"},
    {"G2", "done \\| [1-9][0-9]* \\| [1-9][0-9]* \\| kept"},
    {"G2", "out-of-memory \\| [1-9][0-9]* \\| 0 \\| kept"},
    {"G2", "kernel-fixup \\| 0 \\| [1-9][0-9]* \\| kept"},
    {"G3", "5.15 \\| shared \\| absent \\| store \\| 2"},
    {"G3", "6.1 \\| shared \\| absent \\| store \\| 1"},
    {"G3", "5.15 \\| private \\| absent \\| store \\| 1"},
    {"G4", "alpha \\| - \\| yes \\| ACCERR \\| .* \\| goes back \\| "},
    {"G4",
     "m68k \\| 3.19 \\| .* \\| MAPERR \\| MAPERR \\| BUG \\| goes back \\| "},
    {"G4", "csky \\| - \\| .* \\| ACCERR \\| BUG \\| goes back \\| .*"},
    {"G4", "this machine \\| - \\| yes \\| yes \\| ACCERR \\| .*"},
};

class ScriptClaimTest
    : public testing::TestWithParam<std::tuple<const char*, Arch>> {};

TEST_P(ScriptClaimTest, ShowsWhatIsEssential) {
  const auto& [id, arch] = GetParam();
  const Findings findings = RunScript(id, arch);
  EXPECT_EQ(findings.verdict, Verdict::kHeld)
      << Render(*FindExperiment(id), arch, findings);
  std::vector<std::string> rows;
  for (const auto& row : findings.rows) {
    rows.push_back(absl::StrJoin(row, " | "));
  }
  for (const Essential& e : kEssentials) {
    if (std::string(e.id) == id) {
      EXPECT_THAT(rows, Contains(MatchesRegex(e.row)));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, ScriptClaimTest,
    testing::Combine(testing::Values("K1", "K2", "K4", "K5", "K6", "K7", "K8",
                                     "K9", "K10", "G1", "G2", "G3", "G4"),
                     testing::Values(Arch::kX86, Arch::kArm64)),
    [](const auto& test) {
      return std::string(std::get<0>(test.param)) +
             (std::get<1>(test.param) == Arch::kX86 ? "_x86" : "_arm64");
    });

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

TEST(ScriptClaimsTest, AnErrorInAScriptIsAViolation) {
  const Findings f = RunScript("NONE", Arch::kX86);
  EXPECT_EQ(f.verdict, Verdict::kUndecided);  // nothing was shown
}

TEST(ScriptClaimsTest, TheRuleThatLosesAPageLosesOne) {
  const auto rows = Rows("K3");
  EXPECT_THAT(rows, Contains(AllOf(HasSubstr("buggy | 1 |"),
                                   HasSubstr("broken invariant"))));
  EXPECT_THAT(rows, Contains(AllOf(HasSubstr("pml-early | up to 2"),
                                   HasSubstr("whole"))));
  EXPECT_THAT(rows, Contains(AllOf(HasSubstr("trylock-restart | up to 2"),
                                   HasSubstr("whole"))));
}

TEST(ScriptClaimsTest, VersionsDifferWhereLinuxDid) {
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
TEST(ScriptClaimsTest, TheMisSummedErrorIsLinuxsLineByLine) {
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

TEST(ScriptClaimsTest, ADeviceWritesPastProtection) {
  const auto rows = Rows("W5", Arch::kArm64);
  EXPECT_THAT(rows,
              Contains(HasSubstr("Linux | 0 | - | under protection | 0")));
  EXPECT_THAT(rows, Contains(HasSubstr("extension | 0 | 4096")));
}

TEST(ScriptClaimsTest, EveryScriptIsFoundByItsClaim) {
  for (const Experiment& e : Experiments()) {
    EXPECT_EQ(e.run == nullptr, !ScriptOf(e.id).empty()) << e.id;
  }
  EXPECT_EQ(ScriptOf("K99"), "");
  EXPECT_NE(ScriptFile("huge.lua"), "");
}

}  // namespace
}  // namespace faultline::lab
