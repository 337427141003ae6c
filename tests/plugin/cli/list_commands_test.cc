// The commands that print a list. Their pages in docs/ are compared whole by
// the tests docs.syscalls and docs.behaviours.
//
// Covers: plugin/cli/behaviours_command.cc
// Covers: plugin/cli/syscalls_command.cc
// Covers: plugin/cli/lab_command.cc
// Covers: plugin/cli/sites_command.cc

#include <CLI/CLI.hpp>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "plugin/cli/behaviours_command.h"
#include "plugin/cli/exit_status.h"
#include "plugin/cli/lab_command.h"
#include "plugin/cli/sites_command.h"
#include "plugin/cli/syscalls_command.h"

namespace faultline::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Print(const std::string& command_line) {
  CLI::App app;
  AddSyscallsCommand(app);
  AddBehavioursCommand(app);
  AddSitesCommand(app);
  testing::internal::CaptureStdout();
  app.parse(command_line);
  return testing::internal::GetCapturedStdout();
}

int RunLab(const std::string& command_line, std::string* out) {
  CLI::App app;
  const LabCommand lab(app);
  app.parse(command_line);
  EXPECT_TRUE(lab.chosen());
  testing::internal::CaptureStdout();
  const int status = lab.Run();
  *out = testing::internal::GetCapturedStdout();
  return status;
}

TEST(ExitStatusTest, OfTwoTheWorse) {
  EXPECT_EQ(Worse(kExitHeld, kExitHeld), 0);
  EXPECT_EQ(Worse(kExitUndecided, kExitViolated), 1);
  EXPECT_EQ(Worse(kExitHeld, kExitUndecided), 3);
  EXPECT_EQ(Worse(kExitViolated, kExitUsage), 2);
  EXPECT_EQ(Worse(kExitOurFailure, kExitUsage), 125);
}

TEST(ListCommandsTest, TheLabListsAndRuns) {
  std::string out;
  EXPECT_EQ(RunLab("lab list", &out), 0);
  EXPECT_THAT(out, HasSubstr("\nP11  fault_in_safe_writeable's"));
  EXPECT_EQ(RunLab("lab run P4 --arch x86_64", &out), 0);
  EXPECT_THAT(out, HasSubstr("P4 (x86_64)"));
  EXPECT_THAT(out, Not(HasSubstr("arm64")));
  EXPECT_EQ(RunLab("lab run P8", &out), 0);
  EXPECT_THAT(out, Not(HasSubstr("x86_64"))) << "it has no tags";
  EXPECT_EQ(RunLab("lab run P4 nosuch", &out), kExitUsage);
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

TEST(SitesCommandTest, ListsWhatCanFailAsTextOrJson) {
  EXPECT_THAT(Print("sites"), HasSubstr("  alloc.table.pte"));
  EXPECT_THAT(Print("sites --json"),
              HasSubstr("{\"site\":\"slab\",\"kind\":\"failure\""));
}

}  // namespace
}  // namespace faultline::cli
