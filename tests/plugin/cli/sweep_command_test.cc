// Sweeps, merges and replays as their user meets them.
// Covers: plugin/cli/merge_command.cc plugin/cli/replay_command.cc
// Covers: plugin/cli/sweep_output.cc plugin/cli/injection.cc
// Covers: plugin/cli/machine.cc plugin/cli/run_flags.cc

#include "plugin/cli/sweep_command.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "plugin/cli/exit_status.h"
#include "plugin/cli/merge_command.h"
#include "plugin/cli/replay_command.h"
#include "plugin/cli/run_command.h"
#include "plugin/cli/run_flags.h"
#include "tests/plugin/linux/tiny_program.h"

namespace faultline::cli {
namespace {

using engine::Arch;
using os::TinyProgram;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class SweepCommandTest : public ::testing::Test {
 protected:
  struct Outcome {
    int status = 0;
    std::string out, err;
  };
  void SetUp() override {
    folder_ = ::testing::TempDir() + "/sweep." + std::to_string(::getpid());
    std::filesystem::create_directory(folder_);
    program_ = folder_ + "/prog";
    std::ofstream(program_, std::ios::binary)
        << TinyProgram(Arch::kX86).Write(6).Exit(0).Build("hello\n");
    ::chmod(program_.c_str(), 0755);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  template <typename Command>
  static Outcome Do(const std::vector<std::string>& args) {
    CLI::App app;
    Command command(app);
    std::vector<std::string> reversed(args.rbegin(), args.rend());
    app.parse(reversed);
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    Outcome o;
    o.status = command.Run();
    std::fflush(stdout);
    o.out = ::testing::internal::GetCapturedStdout();
    o.err = ::testing::internal::GetCapturedStderr();
    return o;
  }
  Outcome Sweep(std::vector<std::string> args) {
    args.insert(args.begin(), "sweep");
    args.push_back(program_);
    return Do<SweepCommand>(args);
  }
  static Outcome Replay(const std::string& token,
                        std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"replay", token});
    return Do<ReplayCommand>(more);
  }
  std::string File(const std::string& name) { return folder_ + "/" + name; }
  static std::string Get(const std::string& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }
  static std::vector<std::string> Tokens(const std::string& table) {
    std::vector<std::string> tokens;
    constexpr std::string_view kBefore = "faultline replay ";
    for (size_t at = table.find(kBefore); at != std::string::npos;
         at = table.find(kBefore, at + 1)) {
      const size_t start = at + kBefore.size();
      tokens.push_back(table.substr(start, table.find('\n', start) - start));
    }
    return tokens;
  }

  std::string folder_, program_;
};

TEST_F(SweepCommandTest, EveryTokenIsTheSameRunAgain) {
  const Outcome o = Sweep(
      {"--inject", "usercopy,alloc.*", "--inject", "syscall.exit=signal"});
  EXPECT_EQ(o.status, 0) << o.err;
  EXPECT_EQ(o.err, "");
  EXPECT_THAT(o.out, HasSubstr("\nusercopy"));
  const std::vector<std::string> tokens = Tokens(o.out);
  EXPECT_GE(tokens.size(), 3u);
  for (const std::string& token : tokens) {
    EXPECT_THAT(Replay(token).err, HasSubstr("as the token's")) << token;
  }
}

TEST_F(SweepCommandTest, AReplayIsTheProgramsRunAndCanBeTraced) {
  const Outcome swept = Sweep({"--inject", "usercopy"});
  const std::vector<std::string> tokens = Tokens(swept.out);
  ASSERT_EQ(tokens.size(), 1u);
  const Outcome o = Replay(tokens[0], {"--strace", "--trace", File("t.jsonl")});
  EXPECT_EQ(o.status, 0);
  EXPECT_THAT(o.err, HasSubstr("= -1 EFAULT"));
  EXPECT_THAT(Get(File("t.jsonl")),
              HasSubstr("\"kind\":\"inject\",\"event\":\"usercopy\""));
}

TEST_F(SweepCommandTest, AChangedProgramIsNoticed) {
  const Outcome swept = Sweep({"--inject", "usercopy"});
  std::ofstream(program_, std::ios::binary)
      << TinyProgram(Arch::kX86).Write(6).Exit(9).Build("hello\n");
  const Outcome o = Replay(Tokens(swept.out).at(0));
  EXPECT_EQ(o.status, 1);
  EXPECT_THAT(o.err, HasSubstr("but the token's is 0x"));
}

TEST_F(SweepCommandTest, ShardsMergeToTheWhole) {
  const std::vector<std::string> rules = {"--inject", "alloc.*,slab,usercopy"};
  const auto shard = [&](const std::string& part, const std::string& name) {
    std::vector<std::string> args = rules;
    args.insert(args.end(), {"--shard", part, "--out", File(name)});
    return Sweep(args);
  };
  EXPECT_EQ(shard("1/2", "a").status, 0);
  EXPECT_THAT(shard("2/2", "b").out, HasSubstr("not made"));
  EXPECT_EQ(Do<MergeCommand>({"merge", File("a")}).status, 3);
  const Outcome merged =
      Do<MergeCommand>({"merge", File("a"), File("b"), "--junit", File("j")});
  EXPECT_EQ(merged.status, 0) << merged.err;
  const Outcome whole = Sweep(rules);
  const auto table = [](const std::string& out) {
    return out.substr(0, out.find("experiments"));
  };
  EXPECT_EQ(table(merged.out), table(whole.out));
  EXPECT_THAT(Get(File("j")), HasSubstr("failures=\"0\""));
}

TEST_F(SweepCommandTest, AnInterruptedSweepGoesOnWhereItsFileEnds) {
  const std::vector<std::string> args = {"--inject", "alloc.*", "--out",
                                         File("o")};
  const Outcome first = Sweep(args);
  const std::string whole = Get(File("o"));
  // The head, two results and a part of a third.
  size_t cut = 0;
  for (int line = 0; line < 3; ++line) {
    cut = whole.find('\n', cut) + 1;
  }
  std::ofstream(File("o")) << whole.substr(0, cut + 9);
  const Outcome again = Sweep(args);
  EXPECT_EQ(again.out, first.out);
  EXPECT_EQ(std::ranges::count(Get(File("o")), '\n'),
            std::ranges::count(whole, '\n'));
  // Nothing is left to do.
  const std::string complete = Get(File("o"));
  EXPECT_EQ(Sweep(args).out, first.out);
  EXPECT_EQ(Get(File("o")), complete);
}

TEST_F(SweepCommandTest, AFileOfAnotherSweepIsRefused) {
  EXPECT_EQ(Sweep({"--inject", "slab", "--out", File("o")}).status, 0);
  const Outcome o = Sweep({"--inject", "usercopy", "--out", File("o")});
  EXPECT_EQ(o.status, kExitUsage);
  EXPECT_THAT(o.err, HasSubstr("of another sweep"));
}

TEST_F(SweepCommandTest, KtapHasALineForEachExperiment) {
  const Outcome o = Sweep({"--inject", "usercopy", "--ktap"});
  EXPECT_THAT(o.out, HasSubstr("1..1\nok 1 usercopy:nth=1=fail # silent"));
}

TEST_F(SweepCommandTest, SaysWhatMakesNoSense) {
  const struct {
    std::vector<std::string> args;
    std::string says;
  } kCases[] = {
      {{}, "no site named"},
      {{"--inject", "slab:nth=1"}, "each passing by itself"},
      {{"--inject", "nonsense"}, "no such site"},
      {{"--inject", "slab", "--shard", "3/2"}, "--shard 3/2: I/N"},
      {{"--inject", "slab:pc=nowhere"}, "a function called nowhere"},
  };
  for (const auto& c : kCases) {
    const Outcome o = Sweep(c.args);
    EXPECT_EQ(o.status, kExitUsage) << c.says;
    EXPECT_THAT(o.err, HasSubstr(c.says));
  }
  EXPECT_THAT(Replay("nonsense").err, HasSubstr("not a replay token"));
  EXPECT_THAT(Replay("@" + File("none")).err, HasSubstr("cannot be read"));
  EXPECT_THAT(Do<MergeCommand>({"merge", File("none")}).err,
              HasSubstr("cannot be read"));
}

// Whatever is wrong with the machine is told, though its memory is gone by
// then.
TEST_F(SweepCommandTest, WhatMakesNoMachineIsSaid) {
  const std::vector<std::vector<std::string>> wrong = {
      {"--mem", "3"},  {"--kernel", "4.4"}, {"--behaviour", "a=b"},
      {"--bind", "x"}, {"--env", "x"},      {"--schedule", "bogus"},
      {"--swap", "1"}, {"--granule", "3K"}, {"--disk", "1"},
  };
  for (std::vector<std::string> options : wrong) {
    const std::string option = options[0];
    options.insert(options.end(), {"--inject", "slab"});
    const Outcome o = Sweep(std::move(options));
    EXPECT_EQ(o.status, kExitUsage) << option << o.err;
    EXPECT_THAT(o.err, HasSubstr("faultline: ")) << option;
    EXPECT_GT(o.err.size(), 20u) << option;
  }
}

// Who was delayed still holds its lock when the time is over.
TEST_F(SweepCommandTest, ARunThatIsStoppedInTheMiddleEndsInOrder) {
  const Outcome o = Do<RunCommand>({"run", "--inject",
                                    "mmap_lock.locked:nth=2=delay:99999999",
                                    "--time-limit", "100000000", program_});
  EXPECT_EQ(o.status, kExitTimedOut) << o.err;
  EXPECT_THAT(o.err, HasSubstr("ended by --time-limit"));
}

TEST_F(SweepCommandTest, RunInjectsTooAndSaysSo) {
  const Outcome o = Do<RunCommand>(
      {"run", "--stats", "--inject", "usercopy:nth=1", program_});
  EXPECT_EQ(o.out, "");
  EXPECT_THAT(o.err, HasSubstr("injected fail at passing 1 of usercopy by "
                               "prog/100"));
  const Outcome bad =
      Do<RunCommand>({"run", "--inject", "usercopy:nth=x", program_});
  EXPECT_EQ(bad.status, kExitUsage);
}

TEST_F(SweepCommandTest, TheTimeLimitEndsARun) {
  std::ofstream(program_, std::ios::binary)
      << TinyProgram(Arch::kX86).Spin().Build();
  const Outcome o =
      Do<RunCommand>({"run", "--time-limit", "1000000", program_});
  EXPECT_EQ(o.status, kExitTimedOut);
  EXPECT_THAT(o.err, HasSubstr("--time-limit"));
}

TEST(RunFlagsTest, WordsAndOptionsAreTheSame) {
  RunOptions o;
  o.seed = 3;
  o.memory = "64M";
  o.swap = "8M";
  o.disk = "2M";
  o.granule = "16K";
  o.la57 = o.validate = o.no_aslr = true;
  o.schedule = "random:4";
  o.kernel = "6.1";
  o.behaviours = {"a=b", "c=d"};
  o.binds = {"/x:/y"};
  o.sets = {"/proc/sys/vm/a=1 2"};
  o.uid = 5;
  o.env = {"K=V"};
  o.injects = {"slab:nth=1=fail"};
  o.time_limit_ns = 77;
  o.command = {"./prog", "--seed", "9", "-x", ""};
  const std::vector<std::string> words = RunWords(o);
  const auto back = ParseRunWords(words);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(RunWords(*back), words);
  EXPECT_EQ(back->command, o.command);
  EXPECT_EQ(back->sets, o.sets);
  EXPECT_EQ(back->time_limit_ns, 77u);
  EXPECT_THAT(RunWords(RunOptions{.command = {"p"}}), ElementsAre("p"));
}

TEST(RunFlagsTest, WordsOfNoRunAreRefused) {
  EXPECT_FALSE(ParseRunWords({}).ok());
  EXPECT_FALSE(ParseRunWords({"--mem"}).ok());
  EXPECT_FALSE(ParseRunWords({"--nonsense", "p"}).ok());
}

}  // namespace
}  // namespace faultline::cli
