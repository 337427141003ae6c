#include "guest_mm/mm/proc_report.h"
#include "tests/guest_mm/testing/calls_fixture.h"

namespace faultline::mm {
namespace {

class ProcStatusTest : public CallsTest {
 protected:
  void SetUpProgram() {
    auto file =
        machine_.NewFile(Mapping::Kind::kRegular, std::string(4 * kPage, 'x'));
    MapFile(0, 4, 5, kMapPrivate, file);
    mm_.start_code = At(0) + 100;
    mm_.end_code = At(2) + 1;
    Map(8, 3);
    Map(16, 2, kRW, kAnonShared);
    EXPECT_EQ(Load(0), 'x');
    Fill(8, 2);
    Fill(16, 1);
  }
};

TEST_F(ProcStatusTest, LinesAreThoseOfLinux) {
  SetUpProgram();
  ASSERT_THAT(Munmap(mm_, At(10), kPage), Succeeds());
  // All file pages near a fault come along: the count is the space's own.
  const uint64_t file_kb = mm_.rss.file.value() * 4;
  EXPECT_EQ(RenderStatusVm(mm_),
            absl::StrFormat("VmPeak:\t      36 kB\n"
                            "VmSize:\t      32 kB\n"
                            "VmLck:\t       0 kB\n"
                            "VmPin:\t       0 kB\n"
                            "VmHWM:\t%8d kB\n"
                            "VmRSS:\t%8d kB\n"
                            "RssAnon:\t       8 kB\n"
                            "RssFile:\t%8d kB\n"
                            "RssShmem:\t       4 kB\n"
                            "VmData:\t       8 kB\n"
                            "VmStk:\t       0 kB\n"
                            "VmExe:\t      12 kB\n"
                            "VmLib:\t       4 kB\n"
                            "VmPTE:\t      12 kB\n"
                            "VmSwap:\t       0 kB\n"
                            "HugetlbPages:\t       0 kB\n",
                            file_kb + 12, file_kb + 12, file_kb));
}

TEST_F(ProcStatusTest, StatmCountsPages) {
  SetUpProgram();
  const uint64_t file = mm_.rss.file.value();
  EXPECT_EQ(RenderStatm(mm_),
            absl::StrFormat("9 %d %d 3 0 3 0\n", file + 3, file + 1));
}

}  // namespace
}  // namespace faultline::mm
