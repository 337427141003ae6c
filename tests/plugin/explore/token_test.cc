#include "plugin/explore/token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace faultline::explore {
namespace {

using ::testing::HasSubstr;

Token Sample() {
  return {.command = "run",
          .cwd = "/home/me",
          .words = {"--inject", "slab:nth=3=fail", "./prog", "a b", "", "x+y%",
                    "\xc3\xa9\n"},
          .trace_hash = 0x0123456789abcdef};
}

TEST(TokenTest, IsOneLineThatCanBeReadAndPasted) {
  EXPECT_EQ(Encode(Sample()),
            "flt1+run+0123456789abcdef+/home/me+--inject+slab:nth=3=fail+"
            "./prog+a%20b++x%2by%25+%c3%a9%0a+" +
                Encode(Sample()).substr(Encode(Sample()).rfind('+') + 1));
}

TEST(TokenTest, SaysWhatItWasGiven) {
  for (const bool hashed : {true, false}) {
    Token token = Sample();
    if (!hashed) {
      token.trace_hash.reset();
    }
    const auto back = Decode("  " + Encode(token) + "\n");
    ASSERT_TRUE(back.ok()) << back.status();
    EXPECT_EQ(back->command, token.command);
    EXPECT_EQ(back->cwd, token.cwd);
    EXPECT_EQ(back->words, token.words);
    EXPECT_EQ(back->trace_hash, token.trace_hash);
  }
}

TEST(TokenTest, NoWordsAreNoWords) {
  const auto back = Decode(Encode({.command = "run", .cwd = "/"}));
  ASSERT_TRUE(back.ok());
  EXPECT_TRUE(back->words.empty());
}

TEST(TokenTest, EveryCutAndChangeIsNoticed) {
  const std::string whole = Encode(Sample());
  for (size_t n = 0; n < whole.size(); ++n) {
    EXPECT_FALSE(Decode(whole.substr(0, n)).ok()) << n;
    std::string changed = whole;
    changed[n] = changed[n] == 'x' ? 'y' : 'x';
    EXPECT_FALSE(Decode(changed).ok()) << n;
  }
}

TEST(TokenTest, SaysWhatIsWrong) {
  const auto why = [](const std::string& text) {
    return std::string(Decode(text).status().message());
  };
  EXPECT_THAT(why("hello"), HasSubstr("begin with flt1+"));
  EXPECT_THAT(why("fl1.0-1.abcd"), HasSubstr("a schedule"));
  EXPECT_THAT(why("flt1+run+-+/+12345678"), HasSubstr("damaged"));
}

}  // namespace
}  // namespace faultline::explore
