// From a claim's witnesses to the page that shows them.
// Covers: plugin/cli/trace_flags.cc plugin/script/script_trace.cc

#include "plugin/cli/report_command.h"

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "plugin/cli/exit_status.h"
#include "plugin/cli/lab_command.h"
#include "plugin/cli/replay_command.h"
#include "plugin/cli/script_command.h"
#include "plugin/report/lanes.h"
#include "plugin/report/memory_map.h"

namespace faultline::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class ReportCommandTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              ("report_" + std::to_string(::getpid()));
    std::filesystem::create_directory(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  template <typename Command>
  int Run(const std::string& line) {
    CLI::App app;
    Command command(app);
    app.parse(line);
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int status = command.Run();
    std::fflush(stdout);
    out_ = testing::internal::GetCapturedStdout();
    err_ = testing::internal::GetCapturedStderr();
    return status;
  }
  std::string File(const std::string& name) const { return folder_ / name; }
  std::string Get(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(File(name)).rdbuf();
    return text.str();
  }
  void Put(const std::string& name, const std::string& text) const {
    std::ofstream(File(name)) << text;
  }
  // The token below the first line with `what` in it.
  std::string TokenOf(const std::string& witnesses,
                      const std::string& what) const {
    const size_t line = witnesses.find("\n", witnesses.find(what));
    const size_t from = witnesses.find("flt1+", line);
    return witnesses.substr(from, witnesses.find('\n', from) - from);
  }
  report::TraceData Traced(const std::string& token, const std::string& name) {
    (void)Run<ReplayCommand>("replay " + token + " --trace " + File(name) +
                             " --trace-kinds all");
    EXPECT_THAT(err_, HasSubstr("the story is the token's"));
    auto trace = report::ReadTrace(name, Get(name));
    EXPECT_TRUE(trace.ok()) << trace.status();
    return *std::move(trace);
  }
  // Pages whose table was taken away, and which nobody took out of it.
  static int Lost(const report::TraceData& trace) {
    int lost = 0;
    for (const report::PageSpan& s : MakeMemoryMap(trace).spans) {
      lost += s.state == report::PageState::kDetached && s.end == trace.size();
    }
    return lost;
  }

  std::filesystem::path folder_;
  std::string out_, err_;
};

TEST_F(ReportCommandTest, K3sFailingScheduleLosesAPageAndTheOtherDoesNot) {
  EXPECT_EQ(Run<LabCommand>("lab run K3 --arch x86_64 --witnesses"), 0);
  const std::string witnesses = out_;
  report::TraceData failing =
      Traced(TokenOf(witnesses, "violated: "), "fail.jsonl");
  report::TraceData passing =
      Traced(TokenOf(witnesses, "not copied, collapsed ("), "pass.jsonl");
  EXPECT_THAT(failing.verdict(), StartsWith("violated: broken invariant"));
  EXPECT_EQ(passing.verdict(), "outcome: not copied, collapsed");
  EXPECT_EQ(Lost(failing), 1);
  EXPECT_EQ(Lost(passing), 0);
  const report::Lanes lanes = MakeLanes(failing);
  EXPECT_EQ(lanes.actors.size(), 3u);  // the two, and who made the scene

  EXPECT_EQ(Run<ReportCommand>("report " + File("fail.jsonl") + " " +
                               File("pass.jsonl") + " -o " + File("k3.html")),
            0);
  EXPECT_THAT(Get("k3.html"),
              AllOf(HasSubstr("fail.jsonl"), HasSubstr("pass.jsonl"),
                    HasSubstr("as many anonymous pages as rss counts"),
                    Not(HasSubstr(folder_.string()))));
}

TEST_F(ReportCommandTest, AScriptIsTracedOutsideOfExplore) {
  Put("s.lua", R"(
    local m = machine{}
    local space = m:space()
    space:map{at = 0x10000}
    space:touch(0x10000, "w")
    explore{setup = function() return {m = machine{}} end,
            actors = {{"nobody", function() end}}})");
  EXPECT_EQ(Run<ScriptCommand>("script " + File("s.lua") + " --trace " +
                               File("t.jsonl")),
            0);
  const auto trace = report::ReadTrace("t", Get("t.jsonl"));
  ASSERT_TRUE(trace.ok()) << trace.status();
  EXPECT_EQ(trace->verdict(), "held");
  EXPECT_EQ(trace->header().program, "s.lua");
  EXPECT_EQ(MakeMemoryMap(*trace).rows.size(), 1u);
  EXPECT_THAT(Get("t.jsonl"), Not(HasSubstr("nobody")));
}

TEST_F(ReportCommandTest, ErrorsNameFileAndLine) {
  EXPECT_NE(Run<ReportCommand>("report " + File("none") + " -o x"), 0);
  EXPECT_THAT(err_, HasSubstr(File("none") + ": the file cannot be read"));
  Put("bad.jsonl", "hello\n");
  EXPECT_EQ(Run<ReportCommand>("report " + File("bad.jsonl") + " -o x"),
            kExitUsage);
  EXPECT_THAT(err_, HasSubstr(File("bad.jsonl") + ":1: not a trace"));
  Put("good.jsonl", R"({"t":0,"kind":"trace","event":"begin","version":1})");
  EXPECT_NE(Run<ReportCommand>("report " + File("good.jsonl") +
                               " -o /no/such/folder/page.html"),
            0);
  EXPECT_THAT(err_, HasSubstr("cannot write /no/such/folder/page.html"));
  EXPECT_EQ(Run<ReportCommand>("report " + File("good.jsonl") + " -o -"), 0);
  EXPECT_THAT(out_, StartsWith("<!DOCTYPE html>"));
}

TEST_F(ReportCommandTest, WrongKindsAreAnError) {
  Put("s.lua", "print(1)");
  EXPECT_EQ(Run<ScriptCommand>("script " + File("s.lua") + " --trace " +
                               File("t") + " --trace-kinds fault,walt"),
            kExitUsage);
  EXPECT_THAT(err_, HasSubstr("--trace-kinds: no kind of event 'walt'"));
  EXPECT_THAT(Get("t"), IsEmpty());
}

}  // namespace
}  // namespace faultline::cli
