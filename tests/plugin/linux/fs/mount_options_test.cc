#include "plugin/linux/fs/mount_options.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace faultline::os {
namespace {

TEST(ParseSizeTest, TakesAnyNotationAndAUnit) {
  absl::string_view rest;
  EXPECT_EQ(ParseSize("4096", &rest), 4096u);
  EXPECT_EQ(ParseSize("0x10k", &rest), 16u << 10);
  EXPECT_EQ(ParseSize("010", &rest), 8u);
  EXPECT_EQ(ParseSize("2G", &rest), uint64_t{2} << 30);
  EXPECT_TRUE(rest.empty());
}

TEST(ParseSizeTest, GivesBackWhatFollows) {
  absl::string_view rest;
  EXPECT_EQ(ParseSize("50%", &rest), 50u);
  EXPECT_EQ(rest, "%");
  EXPECT_EQ(ParseSize("1mb", &rest), 1u << 20);
  EXPECT_EQ(rest, "b");
}

TEST(ParseSizeTest, NeedsANumberFirst) {
  absl::string_view rest;
  EXPECT_EQ(ParseSize("", &rest), std::nullopt);
  EXPECT_EQ(ParseSize("k", &rest), std::nullopt);
  EXPECT_EQ(ParseSize("0x", &rest), std::nullopt);
}

TEST(ParseNumberTest, IsOfItsBaseAndNothingElse) {
  EXPECT_EQ(ParseNumber("755", 8), 0755u);
  EXPECT_EQ(ParseNumber("4294967295", 10), 4294967295u);
  EXPECT_EQ(ParseNumber("4294967296", 10), std::nullopt);
  EXPECT_EQ(ParseNumber("9", 8), std::nullopt);
  EXPECT_EQ(ParseNumber("1x", 10), std::nullopt);
  EXPECT_EQ(ParseNumber("", 10), std::nullopt);
}

TEST(StoreNumberTest, KeepsTheBitsOfTheMask) {
  uint32_t mode = 1;
  EXPECT_TRUE(StoreNumber("7755", 8, 01777, &mode));
  EXPECT_EQ(mode, 01755u);
  EXPECT_FALSE(StoreNumber("rwx", 8, 01777, &mode));
}

TEST(ForEachMountOptionTest, GivesKeysAndValuesUntilOneIsRefused) {
  std::vector<std::pair<std::string, std::string>> seen;
  const auto take = [&](absl::string_view key, absl::string_view value) {
    seen.emplace_back(key, value);
    return key != "bad";
  };
  EXPECT_TRUE(ForEachMountOption("size=1m,,inode64,a=b=c", take));
  EXPECT_THAT(seen, testing::ElementsAre(testing::Pair("size", "1m"),
                                         testing::Pair("inode64", ""),
                                         testing::Pair("a", "b=c")));
  seen.clear();
  EXPECT_FALSE(ForEachMountOption("bad,uid=1", take));
  EXPECT_EQ(seen.size(), 1u);
}

}  // namespace
}  // namespace faultline::os
