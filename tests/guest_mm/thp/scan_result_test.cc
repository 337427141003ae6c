#include "guest_mm/thp/scan_result.h"

#include <set>
#include <string>

#include "gtest/gtest.h"

namespace faultline::mm {
namespace {

TEST(ScanResultTest, EachHasANameOfItsOwn) {
  std::set<std::string> names;
  for (int i = 0; i < kScanResults; ++i) {
    names.emplace(ToString(ScanResult(i)));
  }
  EXPECT_EQ(names.size(), size_t{kScanResults});
  EXPECT_EQ(ToString(ScanResult::kExceedNonePte), "exceed_none_pte");
  EXPECT_EQ(ToString(ScanResult::kPageLocked), "page_locked");
  EXPECT_EQ(ToString(ScanResult::kPageDirtyOrWriteback),
            "page_dirty_or_writeback");
}

TEST(ScanResultTest, CollapseAnswersTellWhetherToTryAgain) {
  EXPECT_EQ(CollapseErrno(ScanResult::kAllocHugePageFail), Errno::kENOMEM);
  EXPECT_EQ(CollapseErrno(ScanResult::kExceedNonePte), Errno::kEBUSY);
  EXPECT_EQ(CollapseErrno(ScanResult::kPageCount), Errno::kEAGAIN);
  EXPECT_EQ(CollapseErrno(ScanResult::kPageLocked), Errno::kEAGAIN);
  EXPECT_EQ(CollapseErrno(ScanResult::kPmdNull), Errno::kEINVAL);
  EXPECT_EQ(CollapseErrno(ScanResult::kVmaCheck), Errno::kEINVAL);
}

}  // namespace
}  // namespace faultline::mm
