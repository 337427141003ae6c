// Covers: plugin/cli/script_command.cc
// Covers: plugin/cli/explore_command.cc
// Covers: plugin/cli/explore_program.cc

#include "plugin/cli/script_run.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "plugin/cli/exit_status.h"
#include "plugin/cli/explore_command.h"
#include "plugin/cli/replay_command.h"
#include "plugin/cli/script_command.h"

namespace faultline::cli {
namespace {

using ::testing::HasSubstr;

class ScriptRunTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              ("script_run_" + std::to_string(getpid()));
    std::filesystem::create_directory(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = folder_ / name;
    std::ofstream(path) << text;
    return path;
  }
  // Runs a command line; what it prints is in out_ and err_.
  template <typename Command>
  int Run(const std::string& line) {
    CLI::App app;
    Command command(app);
    app.parse(line);
    EXPECT_TRUE(command.chosen());
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int status = command.Run();
    out_ = testing::internal::GetCapturedStdout();
    err_ = testing::internal::GetCapturedStderr();
    return status;
  }
  std::filesystem::path folder_;
  std::string out_, err_;
};

TEST_F(ScriptRunTest, PrintsAndJudges) {
  Write("lib.lua", "return {word = 'hello'}");
  const std::string ok = Write("ok.lua", R"(
    print(include("lib.lua").word, arguments[1])
    columns{"one"}
    row({"cell"}, true))");
  EXPECT_EQ(Run<ScriptCommand>("script " + ok + " you"), kExitHeld);
  EXPECT_EQ(out_, "hello\tyou\n  one\n  cell\n");
  const std::string bad = Write("bad.lua", "row({'cell'}, false)");
  EXPECT_EQ(Run<ScriptCommand>("script " + bad), kExitViolated);
  const std::string unsure = Write("unsure.lua", "undecided('who knows')");
  EXPECT_EQ(Run<ScriptCommand>("script " + unsure), kExitUndecided);
  const std::string error = Write("error.lua", "\nerror('no')");
  EXPECT_EQ(Run<ScriptCommand>("script " + error), 2);
  EXPECT_THAT(err_, HasSubstr("error.lua:2: no"));
  const std::string out = Write("out.lua", "include('../lib.lua')");
  EXPECT_EQ(Run<ScriptCommand>("script " + out), 2);
  EXPECT_THAT(err_, HasSubstr("own folder"));
  EXPECT_EQ(Run<ScriptCommand>("script " + (folder_ / "none").string()),
            kExitOurFailure);
  EXPECT_EQ(Run<ScriptCommand>("script"), 2);
  EXPECT_EQ(Run<ScriptCommand>("script --api"), kExitHeld);
  EXPECT_THAT(out_, HasSubstr("# What scripts can call"));
}

TEST_F(ScriptRunTest, ATokenTellsTheSameStory) {
  const std::string race = Write("race.lua", R"(
    local r = explore{
      setup = function() return {log = ""} end,
      actors = {{"a", function(s) s.log = s.log .. "a" point()
                                  s.log = s.log .. "a" end},
                {"b", function(s) point() s.log = s.log .. "b" end}},
      check = function(s) outcome(s.log) end,
      search = "full:1"}
    print(r.outcomes[#r.outcomes].token))");
  ASSERT_EQ(Run<ExploreCommand>("explore " + race), kExitHeld);
  const std::string token = out_.substr(0, out_.find('\n'));
  EXPECT_THAT(out_, HasSubstr("aba"));
  ASSERT_THAT(token, HasSubstr("flt1+script+"));
  EXPECT_EQ(Run<ReplayCommand>("replay " + token), kExitHeld);
  EXPECT_THAT(out_, HasSubstr("script.point"));
  EXPECT_THAT(out_, HasSubstr("outcome: baa"));
  EXPECT_THAT(err_, HasSubstr("the story is the token's"));
  Write("race.lua", "explore{setup = function() return {} end, actors = {}}");
  EXPECT_EQ(Run<ReplayCommand>("replay " + token), kExitViolated);
  EXPECT_EQ(Run<ExploreCommand>("explore --bound 0 " + race), kExitHeld);
}

TEST_F(ScriptRunTest, AFailureIsExploredAndReplayed) {
  // Who needs the second table of the two depends on who is first.
  const std::string fails = Write("fails.lua", R"(
    local r = explore{
      setup = function()
        local space = machine{}:space()
        return {task = space:task(), other = space:task(),
                a = space:map{length = 8192}}
      end,
      actors = {
        {"copier", function(s)
          fail("alloc.table.pte", 2)
          outcome("left " .. s.task:copy_to_user(s.a, "x"))
        end},
        {"other", function(s) s.other:store(s.a + 4096, 1) end}},
      search = "exhaustive:1"}
    for _, o in ipairs(r.outcomes) do
      if o.text == "left 1" then print(o.token) end
    end)");
  ASSERT_EQ(Run<ExploreCommand>("explore " + fails), kExitHeld) << err_;
  const std::string token = out_.substr(0, out_.find('\n'));
  ASSERT_THAT(token, HasSubstr("flt1+script+"));
  EXPECT_THAT(out_, HasSubstr("left 0"));
  EXPECT_EQ(Run<ReplayCommand>("replay " + token), kExitHeld);
  EXPECT_THAT(out_, HasSubstr("outcome: left 1"));
}

TEST_F(ScriptRunTest, RefusesWhatItCannotRun) {
  const std::string empty = Write("empty.lua", "");
  EXPECT_EQ(Run<ScriptCommand>("script --replay x " + empty), 2);
  EXPECT_EQ(Run<ScriptCommand>("script --search deep " +
                               Write("e.lua",
                                     "explore{setup = print, actors "
                                     "= {}}")),
            2);
  EXPECT_EQ(Run<ExploreCommand>("explore"), 2);
  EXPECT_EQ(Run<ExploreCommand>("explore --strategy clever /bin/true"), 2);
}

}  // namespace
}  // namespace faultline::cli
