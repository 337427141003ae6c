#include <map>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "guest_mm/mm/proc_report.h"
#include "tests/guest_mm/testing/calls_fixture.h"

namespace faultline::mm {
namespace {

class ProcMeminfoTest : public CallsTest {
 protected:
  uint64_t Kb(const std::string& label) {
    for (absl::string_view line :
         absl::StrSplit(RenderMeminfo(machine_.system()), '\n')) {
      const std::vector<absl::string_view> words =
          absl::StrSplit(line, ' ', absl::SkipEmpty());
      uint64_t kb = 0;
      if (words.size() >= 2 && words[0] == label + ":" &&
          absl::SimpleAtoi(words[1], &kb)) {
        return kb;
      }
    }
    ADD_FAILURE() << "no " << label;
    return 0;
  }
};

TEST_F(ProcMeminfoTest, LinesAreLaidOutAsLinux) {
  const std::string text = RenderMeminfo(machine_.system());
  // Columns from a 6.12 kernel.
  EXPECT_THAT(text,
              testing::StartsWith("MemTotal:          16380 kB\nMemFree:"));
  EXPECT_THAT(text, testing::HasSubstr("\nActive(anon):          0 kB\n"));
  EXPECT_THAT(text, testing::HasSubstr("\nVmallocTotal:   34359738367 kB\n"));
  EXPECT_THAT(text, testing::EndsWith("\nHugePages_Surp:        0\n"
                                      "Hugepagesize:       2048 kB\n"
                                      "Hugetlb:               0 kB\n"));
}

TEST_F(ProcMeminfoTest, TellsTheTruth) {
  Map(16, 1);  // for which the kernel's own memory takes a frame
  const uint64_t free = Kb("MemFree");
  const uint64_t tables = Kb("PageTables");
  Map(0, 4);
  Map(8, 2, kRW, kAnonShared);
  Fill(0, 3);
  Fill(8, 1);
  auto file =
      machine_.NewFile(Mapping::Kind::kRegular, std::string(5 * kPage, 'x'));
  EXPECT_EQ(Kb("AnonPages"), 12u);
  EXPECT_EQ(Kb("Shmem"), 4u);
  EXPECT_EQ(Kb("Cached"), 24u);
  EXPECT_EQ(Kb("Mapped"), 4u);
  EXPECT_EQ(Kb("Dirty"), 20u);
  EXPECT_EQ(Kb("Committed_AS"), 28u);
  const uint64_t more_tables = Kb("PageTables") - tables;
  EXPECT_GT(more_tables, 0u);
  EXPECT_EQ(Kb("MemFree"), free - 12 - 24 - more_tables);
  EXPECT_EQ(Kb("MemAvailable"), Kb("MemFree"));
}

}  // namespace
}  // namespace faultline::mm
