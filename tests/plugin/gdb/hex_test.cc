#include "plugin/gdb/hex.h"

#include <gtest/gtest.h>

namespace faultline::gdb {
namespace {

TEST(HexTest, BytesAreTwoDigitsEach) {
  EXPECT_EQ(ToHex(std::string_view("\x00\xff\x1a", 3)), "00ff1a");
  EXPECT_EQ(FromHex("00Ff1a"), std::string("\x00\xff\x1a", 3));
  EXPECT_EQ(FromHex(""), "");
  EXPECT_FALSE(FromHex("0").has_value());
  EXPECT_FALSE(FromHex("0g").has_value());
}

TEST(HexTest, NumbersAreRefusedIfTheyAreNone) {
  EXPECT_EQ(ParseNumber("ffffffffffffffff"), ~uint64_t{0});
  EXPECT_EQ(ParseNumber("00000000000000000001"), 1u);
  EXPECT_EQ(ParseNumber("0"), 0u);
  EXPECT_FALSE(ParseNumber("").has_value());
  EXPECT_FALSE(ParseNumber("-1").has_value());
  EXPECT_FALSE(ParseNumber("10000000000000000").has_value());
}

TEST(HexTest, TextIsTakenUpToASeparator) {
  std::string_view text = "a,b:c";
  EXPECT_EQ(TakeUntil(&text, ",:"), "a");
  EXPECT_EQ(TakeUntil(&text, ",:"), "b");
  EXPECT_EQ(TakeUntil(&text, ",:"), "c");
  EXPECT_EQ(TakeUntil(&text, ",:"), "");
}

}  // namespace
}  // namespace faultline::gdb
