#include "guest_mm/mm/proc_report.h"
#include "tests/guest_mm/testing/calls_fixture.h"

namespace faultline::mm {
namespace {

class ProcSmapsTest : public CallsTest {};

TEST_F(ProcSmapsTest, EntryIsThatOfLinux) {
  Map(0, 4);
  Fill(0, 2);
  EXPECT_EQ(Load(2), 0);  // the zero page counts for nothing
  EXPECT_EQ(RenderSmaps(mm_),
            "10000000-10004000 rw-p 00000000 00:00 0 \n"
            "Size:                 16 kB\n"
            "KernelPageSize:        4 kB\n"
            "MMUPageSize:           4 kB\n"
            "Rss:                   8 kB\n"
            "Pss:                   8 kB\n"
            "Pss_Dirty:             8 kB\n"
            "Shared_Clean:          0 kB\n"
            "Shared_Dirty:          0 kB\n"
            "Private_Clean:         0 kB\n"
            "Private_Dirty:         8 kB\n"
            "Referenced:            8 kB\n"
            "Anonymous:             8 kB\n"
            "KSM:                   0 kB\n"
            "LazyFree:              0 kB\n"
            "AnonHugePages:         0 kB\n"
            "ShmemPmdMapped:        0 kB\n"
            "FilePmdMapped:         0 kB\n"
            "Shared_Hugetlb:        0 kB\n"
            "Private_Hugetlb:       0 kB\n"
            "Swap:                  0 kB\n"
            "SwapPss:               0 kB\n"
            "Locked:                0 kB\n"
            "THPeligible:           0\n"
            "VmFlags: rd wr mr mw me ac sd \n");
}

TEST_F(ProcSmapsTest, RollupIsThatOfLinux) {
  Map(0, 1, kRW, kAnon | kMapLocked);
  Map(4, 2, kRW, kAnonShared);
  Fill(4, 2);
  EXPECT_EQ(RenderSmapsRollup(mm_),
            "10000000-10006000 ---p 00000000 00:00 0                         "
            "         [rollup]\n"
            "Rss:                  12 kB\n"
            "Pss:                  12 kB\n"
            "Pss_Dirty:            12 kB\n"
            "Pss_Anon:              4 kB\n"
            "Pss_File:              0 kB\n"
            "Pss_Shmem:             8 kB\n"
            "Shared_Clean:          0 kB\n"
            "Shared_Dirty:          0 kB\n"
            "Private_Clean:         0 kB\n"
            "Private_Dirty:        12 kB\n"
            "Referenced:           12 kB\n"
            "Anonymous:             4 kB\n"
            "KSM:                   0 kB\n"
            "LazyFree:              0 kB\n"
            "AnonHugePages:         0 kB\n"
            "ShmemPmdMapped:        0 kB\n"
            "FilePmdMapped:         0 kB\n"
            "Shared_Hugetlb:        0 kB\n"
            "Private_Hugetlb:       0 kB\n"
            "Swap:                  0 kB\n"
            "SwapPss:               0 kB\n"
            "Locked:                4 kB\n");
}

TEST_F(ProcSmapsTest, EmptySpaceShowsNothing) {
  EXPECT_EQ(RenderSmaps(mm_), "");
  EXPECT_EQ(RenderSmapsRollup(mm_), "");
}

}  // namespace
}  // namespace faultline::mm
