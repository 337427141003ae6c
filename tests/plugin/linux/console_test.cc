#include "plugin/linux/console.h"

#include "gtest/gtest.h"

namespace faultline::os {
namespace {

TEST(MemoryConsoleTest, GivesItsInputInPiecesAndThenTheEnd) {
  MemoryConsole console("hello");
  std::byte buffer[3];
  EXPECT_EQ(*console.Read(absl::MakeSpan(buffer)), 3u);
  EXPECT_EQ(*console.Read(absl::MakeSpan(buffer)), 2u);
  EXPECT_EQ(char(buffer[0]), 'l');
  EXPECT_EQ(*console.Read(absl::MakeSpan(buffer)), 0u);
}

TEST(MemoryConsoleTest, KeepsTheTwoStreamsApart) {
  MemoryConsole console;
  const std::byte a[] = {std::byte{'a'}};
  const std::byte b[] = {std::byte{'b'}};
  ASSERT_TRUE(console.Write(Console::Stream::kOut, a).ok());
  ASSERT_TRUE(console.Write(Console::Stream::kErr, b).ok());
  EXPECT_EQ(console.out(), "a");
  EXPECT_EQ(console.err(), "b");
}

}  // namespace
}  // namespace faultline::os
