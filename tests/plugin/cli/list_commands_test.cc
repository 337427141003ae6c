// The commands that print a list. Their pages in docs/ are compared whole by
// the tests docs.syscalls and docs.behaviours.
//
// Covers: plugin/cli/behaviours_command.cc
// Covers: plugin/cli/syscalls_command.cc

#include <CLI/CLI.hpp>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "plugin/cli/behaviours_command.h"
#include "plugin/cli/syscalls_command.h"

namespace faultline::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Print(const std::string& command_line) {
  CLI::App app;
  AddSyscallsCommand(app);
  AddBehavioursCommand(app);
  testing::internal::CaptureStdout();
  app.parse(command_line);
  return testing::internal::GetCapturedStdout();
}

TEST(ListCommandsTest, SyscallsAreATable) {
  EXPECT_THAT(Print("syscalls"), HasSubstr("\n| mmap | 9 | 222 | full |"));
}

TEST(ListCommandsTest, BehavioursArePlainUnlessAskedForMarkdown) {
  EXPECT_THAT(Print("behaviours"), HasSubstr("madvise-dontneed-locked"));
  EXPECT_THAT(Print("behaviours"), Not(HasSubstr("|")));
  EXPECT_THAT(Print("behaviours --markdown"),
              HasSubstr("\n| `madvise-dontneed-locked` | "));
}

}  // namespace
}  // namespace faultline::cli
