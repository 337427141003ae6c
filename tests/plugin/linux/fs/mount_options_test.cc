#include "plugin/linux/fs/mount_options.h"

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

}  // namespace
}  // namespace faultline::os
