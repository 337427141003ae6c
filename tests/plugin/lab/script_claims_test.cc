// What the scripts must show besides coming out as claimed: the cells without
// which a claim would say nothing.
// Covers: plugin/script/bind/fault.cc plugin/script/bind/table_lock.cc

#include "plugin/lab/script_claims.h"

#include <algorithm>
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
using ::testing::Contains;
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
    {"K4", "pml-early \\| early \\| kept \\| [0-9][0-9][0-9]+ \\| whole"},
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

TEST(ScriptClaimsTest, EveryScriptIsFoundByItsClaim) {
  for (const Experiment& e : Experiments()) {
    EXPECT_EQ(e.run == nullptr, !ScriptOf(e.id).empty()) << e.id;
  }
  EXPECT_EQ(ScriptOf("K99"), "");
  EXPECT_NE(ScriptFile("huge.lua"), "");
}

}  // namespace
}  // namespace faultline::lab
