#include "plugin/cli/uffd_report.h"

#include "gtest/gtest.h"

namespace faultline::cli {
namespace {

using mm::GuestAddr;
using mm::GuestRange;
using mm::UffdStats;

TEST(UffdReportTest, WithoutARangeItSaysSo) {
  EXPECT_EQ(RenderUffdStats(UffdStats()),
            "userfaultfd: no range was registered\n");
}

TEST(UffdReportTest, ARangeIsShownWithFaultsCallsAndWaits) {
  UffdStats stats;
  stats.Enable();
  const GuestRange range{GuestAddr(0x10000), GuestAddr(0x20000)};
  stats.Registered(1, 7, range);
  stats.Faulted(1, range.start, UffdStats::Kind::kMissing);
  stats.Waited(1, range.start, 3000);
  stats.Waited(1, range.start, 1000);
  stats.Called(1, mm::UffdIoctl::kCopy, range, 4096, Errno::kOk);
  stats.Called(1, mm::UffdIoctl::kCopy, range, 0, Errno::kEEXIST);
  const std::string text = RenderUffdStats(stats);
  EXPECT_NE(text.find("userfaultfd 1 of mm 7: 0x10000-0x20000\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("faults: missing 1, wp 0, minor 0\n"), std::string::npos);
  EXPECT_NE(text.find("2 calls"), std::string::npos);
  EXPECT_NE(text.find("4096 bytes, EEXIST 1\n"), std::string::npos);
  EXPECT_NE(text.find("mean 2000 ns, longest 3000 ns"), std::string::npos);
}

}  // namespace
}  // namespace faultline::cli
