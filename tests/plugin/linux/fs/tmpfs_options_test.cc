#include "plugin/linux/fs/tmpfs_options.h"

#include "gtest/gtest.h"

namespace faultline::os {
namespace {

using mm::HugeOption;
using mm::PageCount;

ErrnoOr<TmpfsOptions> Parse(absl::string_view text) {
  return ParseTmpfsOptions(text, PageCount(1000), mm::PageShift(12));
}

TEST(TmpfsOptionsTest, WithoutAnyHalfOfMemoryAndNoHugePages) {
  const auto options = Parse("");
  ASSERT_TRUE(options.ok());
  EXPECT_EQ(options->mount.most, PageCount(500));
  EXPECT_EQ(options->mount.huge, HugeOption::kNever);
  EXPECT_EQ(options->mode, 01777u);
}

TEST(TmpfsOptionsTest, ASizeHasUnitsOrIsAShare) {
  EXPECT_EQ(Parse("size=4m")->mount.most, PageCount(1024));
  EXPECT_EQ(Parse("size=1")->mount.most, PageCount(1));
  EXPECT_EQ(Parse("size=0x10K")->mount.most, PageCount(4));
  EXPECT_EQ(Parse("size=10%")->mount.most, PageCount(100));
  EXPECT_EQ(Parse("nr_blocks=7")->mount.most, PageCount(7));
  EXPECT_EQ(Parse("size=0")->mount.most, PageCount(~uint64_t{0}));
}

TEST(TmpfsOptionsTest, EachWordOfHuge) {
  EXPECT_EQ(Parse("huge=always")->mount.huge, HugeOption::kAlways);
  EXPECT_EQ(Parse("huge=within_size")->mount.huge, HugeOption::kWithinSize);
  EXPECT_EQ(Parse("huge=advise")->mount.huge, HugeOption::kAdvise);
  EXPECT_EQ(Parse("huge=never")->mount.huge, HugeOption::kNever);
}

TEST(TmpfsOptionsTest, TheLastOfSeveralHolds) {
  const auto options = Parse("mode=700,uid=1,gid=2,,mode=750,huge=advise");
  ASSERT_TRUE(options.ok());
  EXPECT_EQ(options->mode, 0750u);
  EXPECT_EQ(options->uid, 1u);
  EXPECT_EQ(options->gid, 2u);
}

TEST(TmpfsOptionsTest, NonsenseIsRefused) {
  for (const char* text :
       {"size", "size=", "size=x", "size=4mm", "mode=9", "uid=-1", "uid=1x",
        "huge=deny", "huge", "what=ever", "nr_blocks=1%"}) {
    EXPECT_EQ(Parse(text).error(), Errno::kEINVAL) << text;
  }
}

}  // namespace
}  // namespace faultline::os
