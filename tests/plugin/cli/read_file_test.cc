#include "plugin/cli/read_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace faultline::cli {
namespace {

using ::testing::HasSubstr;

TEST(ReadFileTest, AnEmptyFileIsAFile) {
  const std::string path = ::testing::TempDir() + "read_file_test";
  std::ofstream(path).close();
  EXPECT_EQ(*ReadFile(path), "");
  const std::string text = "a\0b\n" + std::string(200000, 'x');
  std::ofstream(path) << text;
  EXPECT_EQ(*ReadFile(path), text);
}

TEST(ReadFileTest, SaysWhyNot) {
  const auto none = ReadFile("/no/such/file");
  EXPECT_EQ(none.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(none.status().message(),
            "/no/such/file: the file cannot be read: No such file or "
            "directory");
  EXPECT_THAT(ReadFile("/").status().message(), HasSubstr("Is a directory"));
}

}  // namespace
}  // namespace faultline::cli
