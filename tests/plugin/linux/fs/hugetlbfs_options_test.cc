#include "plugin/linux/fs/hugetlbfs_options.h"

#include "arch_x86/arch_ops.h"
#include "gtest/gtest.h"
#include "guest_mm/phys/phys_mem.h"

namespace faultline::os {
namespace {

class HugetlbfsOptionsTest : public testing::Test {
 protected:
  HugetlbfsOptionsTest()
      : phys_(*mm::PhysMem::Create(32 << 20, mm::kPageShift4K)),
        hugetlb_(*phys_, x86::Ops().geometry()) {
    hugetlb_.default_pool()->SetPersistent(4);
  }
  ErrnoOr<HugetlbfsOptions> Parse(absl::string_view text) {
    return ParseHugetlbfsOptions(text, hugetlb_);
  }

  std::unique_ptr<mm::PhysMem> phys_;
  mm::Hugetlb hugetlb_;
};

TEST_F(HugetlbfsOptionsTest, WithoutAnyTheDefaultPoolAndNoLimits) {
  const auto options = Parse("");
  ASSERT_TRUE(options.ok());
  EXPECT_EQ(options->pool, hugetlb_.default_pool());
  EXPECT_EQ(options->limits.max, std::nullopt);
  EXPECT_EQ(options->limits.min, std::nullopt);
  EXPECT_EQ(options->mode, 0755u);
  EXPECT_EQ(options->Show(), ",pagesize=2M");
}

TEST_F(HugetlbfsOptionsTest, SizesAreRoundedDownToPagesOfThePool) {
  EXPECT_EQ(Parse("size=5M")->limits.max, 2u);
  EXPECT_EQ(Parse("size=5M,pagesize=1G")->limits.max, 0u);
  EXPECT_EQ(Parse("pagesize=1G,min_size=2g")->limits.min, 2u);
  EXPECT_EQ(Parse("size=75%")->limits.max, 3u);
  EXPECT_EQ(Parse("size=2Mrest")->limits.max, 1u);
}

TEST_F(HugetlbfsOptionsTest, AreShownAsTheyHold) {
  EXPECT_EQ(Parse("size=8M,uid=7,min_size=2M,mode=7700,gid=0")->Show(),
            ",uid=7,mode=1700,pagesize=2M,size=8388608,min_size=2097152");
  EXPECT_EQ(Parse("pagesize=1G")->Show(), ",pagesize=1024M");
}

TEST_F(HugetlbfsOptionsTest, NonsenseIsRefused) {
  for (const char* text :
       {"pagesize=4k", "pagesize=3M", "pagesize=0", "pagesize=1", "pagesize",
        "size=", "size=%", "min_size=x", "size=2M,min_size=4M", "mode=8",
        "uid=-1", "nr_inodes=", "what=ever"}) {
    EXPECT_EQ(Parse(text).error(), Errno::kEINVAL) << text;
  }
}

}  // namespace
}  // namespace faultline::os
