// The command as its user meets it: what it exits with and what it prints.
// Covers: plugin/cli/program_arch.cc plugin/cli/run_observer.cc
// Covers: plugin/cli/run_stats.cc plugin/cli/trace_file.cc
// Covers: plugin/cli/run_options.cc plugin/cli/exit_status.cc

#include "plugin/cli/run_command.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "plugin/cli/exit_status.h"
#include "plugin/cli/program_arch.h"
#include "tests/plugin/linux/tiny_program.h"

namespace faultline::cli {
namespace {

using engine::Arch;
using os::TinyProgram;
using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class RunCommandTest : public ::testing::Test {
 protected:
  struct Outcome {
    int status;
    std::string out, err;
  };
  // A host file that is gone after the test.
  std::string Put(const std::string& name, const std::string& bytes) {
    std::string path =
        ::testing::TempDir() + "/" + std::to_string(::getpid()) + "." + name;
    std::ofstream(path, std::ios::binary) << bytes;
    EXPECT_EQ(::chmod(path.c_str(), 0755), 0);
    made_.push_back(path);
    return path;
  }
  std::string Hello(Arch arch) {
    return Put(arch == Arch::kX86 ? "hello.x86" : "hello.arm64",
               TinyProgram(arch).Write(6).Exit(7).Build("hello\n"));
  }
  std::string Crash(Arch arch) {
    return Put("crash", TinyProgram(arch).Crash().Build());
  }
  static std::string Get(const std::string& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }
  // `faultline run ARGS`.
  static Outcome Run(std::vector<std::string> args) {
    args.insert(args.begin(), "run");
    std::vector<std::string> reversed(args.rbegin(), args.rend());
    CLI::App app;
    RunCommand run(app);
    app.parse(reversed);
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    Outcome o;
    o.status = run.Run();
    std::fflush(stdout);
    o.out = ::testing::internal::GetCapturedStdout();
    o.err = ::testing::internal::GetCapturedStderr();
    return o;
  }
  void TearDown() override {
    for (const std::string& path : made_) {
      ::unlink(path.c_str());
    }
  }

 private:
  std::vector<std::string> made_;
};

TEST_F(RunCommandTest, TheProgramsOutputAndStatusAreOurs) {
  for (Arch arch : {Arch::kX86, Arch::kArm64}) {
    const Outcome o = Run({Hello(arch)});
    EXPECT_EQ(o.status, 7);
    EXPECT_EQ(o.out, "hello\n");
    EXPECT_THAT(o.err, IsEmpty());
  }
}

TEST_F(RunCommandTest, ADeadlySignalIsAStatusAndAReport) {
  for (Arch arch : {Arch::kX86, Arch::kArm64}) {
    const Outcome o = Run({Crash(arch)});
    EXPECT_EQ(o.status, 128 + 11);
    EXPECT_THAT(o.err, AllOf(StartsWith("faultline: "),
                             HasSubstr("SIGSEGV (SEGV_MAPERR)")));
  }
}

TEST_F(RunCommandTest, WhatMakesNoSenseIsTwoAndWhatCannotBeDoneIs125) {
  const std::string program = Hello(Arch::kX86);
  const std::string text = Put("text", "just text\n");
  const struct {
    std::vector<std::string> args;
    int status;
    std::string says;
  } kCases[] = {
      {{}, kExitUsage, "run: no program named"},
      {{"--nonsense", program}, kExitUsage, "run: unknown option --nonsense"},
      {{"--mem", "much", program}, kExitUsage, "--mem much: not a size"},
      {{"--mem", "100000001", program}, kExitUsage, "of 100000001 bytes"},
      {{"--swap", "64", program}, kExitUsage, "--swap 64: not a size of 1M"},
      {{"--mem", "1M", "--swap", "8G", program},
       kExitOurFailure,
       "too little memory for a swap area"},
      {{"--disk", "64", program}, kExitUsage, "--disk 64: not a size of 1M"},
      {{"--mem", "1M", "--disk", "8G", program},
       kExitOurFailure,
       "too little memory for a disk"},
      {{"--granule", "8K", program}, kExitUsage, "--granule 8K: 4K, 16K or"},
      {{"--granule", "16K", program}, kExitUsage, "are arm64's"},
      {{"--granule", "16K", "--la57", program}, kExitUsage, "--la57 is x86"},
      {{"--la57", Hello(Arch::kArm64)}, kExitUsage, "are x86-64's"},
      {{"--set", "vm=1", program}, kExitUsage, "--set vm=1: must be /PATH="},
      {{"--set", "/proc/sys/vm/max_map_count=many", program},
       kExitUsage,
       "does not take that value: EINVAL"},
      {{"--set", "/proc/none=1", program}, kExitOurFailure, "no file that can"},
      {{"--env", "NAME", program}, kExitUsage, "--env NAME: must be K=V"},
      {{"--bind", "relative", program},
       kExitUsage,
       "--bind relative: must be HOST:/GUEST"},
      {{"--bind", "/no/such/dir:/x", program}, kExitOurFailure, "/no/such/dir"},
      {{"--schedule", "bogus", program}, kExitUsage, "schedule 'bogus'"},
      {{"--schedule", "replay:fl1.0-1.zzz", program},
       kExitUsage,
       "not a replay token"},
      {{"--schedule", "replay:@/no/such/file", program},
       kExitOurFailure,
       "cannot be read"},
      {{"--schedule", "replay:@" + text, program}, kExitUsage, "no schedule"},
      {{"--kernel", "zero", program}, kExitUsage, "zero"},
      {{"--trace", "/no/such/dir/file", program},
       kExitOurFailure,
       "--trace /no/such/dir/file: "},
      {{"/no/such/program"}, kExitOurFailure, "/no/such/program: no such file"},
      {{text}, kExitOurFailure, "not an ELF file"},
  };
  for (const auto& c : kCases) {
    const Outcome o = Run(c.args);
    EXPECT_EQ(o.status, c.status) << c.says;
    EXPECT_THAT(o.err, AllOf(StartsWith("faultline: "), HasSubstr(c.says)));
    EXPECT_EQ(std::count(o.err.begin(), o.err.end(), '\n'), 1) << o.err;
    EXPECT_THAT(o.out, IsEmpty());
  }
}

TEST_F(RunCommandTest, ATraceThatCannotBeWrittenIsAFailureOfOurs) {
  const Outcome o = Run({"--trace", "/dev/full", Hello(Arch::kX86)});
  EXPECT_EQ(o.status, kExitOurFailure);
  EXPECT_EQ(o.err, "faultline: --trace /dev/full: No space left on device\n");
}

TEST_F(RunCommandTest, ASettingIsWrittenAsRootWhoeverTheProgramIs) {
  const Outcome o = Run({"--user", "1000", "--set",
                         "/proc/sys/vm/max_map_count=1000", Hello(Arch::kX86)});
  EXPECT_EQ(o.status, 7) << o.err;
}

TEST_F(RunCommandTest, StraceGoesToStandardError) {
  const Outcome o = Run({"--strace", Hello(Arch::kArm64)});
  EXPECT_EQ(o.out, "hello\n");
  EXPECT_EQ(o.err,
            "[100] write(1, \"hello\\n\", 6) = 6\n[100] exit(7) = ?\n"
            "[100] +++ exited with 7 +++\n");
}

TEST_F(RunCommandTest, AbortIsReportedToo) {
  for (Arch arch : {Arch::kX86, Arch::kArm64}) {
    // kill(0, SIGABRT): to itself.
    const Outcome o = Run({Put(
        "abort", TinyProgram(arch).Arg(0, 0).Arg(1, 6).Call(62, 129).Build())});
    EXPECT_EQ(o.status, 128 + 6);
    EXPECT_THAT(o.err, HasSubstr("was killed by SIGABRT"));
  }
}

TEST_F(RunCommandTest, DisassemblyShowsEveryFault) {
  const Outcome o = Run({"-d", Crash(Arch::kX86)});
  EXPECT_THAT(o.err, HasSubstr("[100] fault ur- 0x0: bad-area, at 0x40007a: "
                               "8a 00  mov al, byte ptr [rax]\n"));
}

TEST_F(RunCommandTest, PageTablesArePrintedWhenAProcessEnds) {
  const Outcome o = Run({"--ptdump", Hello(Arch::kX86)});
  EXPECT_THAT(o.err,
              ContainsRegex("process 100 \\(.*\\): page table of x86_64"));
  EXPECT_THAT(o.err, HasSubstr("\n000000400000-000000401000 "));
}

TEST_F(RunCommandTest, TheSameCommandGivesTheSameTrace) {
  const std::string program = Hello(Arch::kX86);
  const std::string one = Put("one.jsonl", ""), two = Put("two.jsonl", "");
  const Outcome first = Run({"--stats", "--trace", one, program});
  const Outcome second = Run({"--stats", "--trace", two, program});
  EXPECT_EQ(Get(one), Get(two));
  EXPECT_THAT(Get(one), HasSubstr("\"write\""));
  EXPECT_EQ(first.err, second.err);
  EXPECT_THAT(first.err, ContainsRegex("system calls +2\n"));
  EXPECT_THAT(first.err, ContainsRegex("trace hash 0x[0-9a-f]{16} of [0-9]+ "
                                       "events\n$"));
}

TEST_F(RunCommandTest, TheTraceBeginsWithTheLoadAndEndsWithTheSchedule) {
  const std::string file = Put("trace.jsonl", "");
  Run({"--trace", file, Hello(Arch::kArm64)});
  const std::string trace = Get(file);
  const size_t load = trace.find("\"kind\":\"vma\"");
  EXPECT_LT(load, trace.find("\"kind\":\"switch\""));
  EXPECT_THAT(trace, ContainsRegex("\"event\":\"schedule\",\"again\":"
                                   "\"replay:fl1[^\"]*\"\\}\n$"));
}

TEST_F(RunCommandTest, AScheduleCanBeReadFromWhateverItWasPrintedTo) {
  const std::string program = Hello(Arch::kX86);
  const std::string trace = Put("trace.jsonl", "");
  const Outcome first = Run({"--stats", "--trace", trace, program});
  EXPECT_THAT(first.err, ContainsRegex("\nschedule replay:fl1[.0-9a-z-]*\n"));
  const std::string stats = Put("stats", first.err);
  for (const std::string& file : {trace, stats}) {
    const Outcome again =
        Run({"--stats", "--schedule", "replay:@" + file, program});
    EXPECT_EQ(again.status, 7);
    EXPECT_EQ(again.err, first.err);
  }
}

TEST(EnvironmentTest, AnOptionReplacesWhatHasItsName) {
  RunOptions options;
  options.env = {"HOME=/", "NEW=1", "NEW=2", "PAT=x"};
  const auto env = MakeEnvironment(options);
  ASSERT_TRUE(env.ok());
  EXPECT_THAT(*env, ElementsAre(StartsWith("PATH=/usr/local/bin:"), "HOME=/",
                                "TERM=dumb", "NEW=2", "PAT=x"));
}

TEST_F(RunCommandTest, ADirectoryThatIsGoneIsSaidSo) {
  const std::string program = Hello(Arch::kX86);
  const std::string dir = ::testing::TempDir() + "/gone";
  const std::filesystem::path here = std::filesystem::current_path();
  std::filesystem::create_directory(dir);
  std::filesystem::current_path(dir);
  std::filesystem::remove(dir);
  const Outcome o = Run({program});
  std::filesystem::current_path(here);
  EXPECT_EQ(o.status, kExitOurFailure);
  EXPECT_EQ(o.err,
            "faultline: the current directory: No such file or directory\n");
}

TEST_F(RunCommandTest, AnotherSeedIsAnotherRunWithItsOwnHash) {
  const std::string program = Hello(Arch::kX86);
  EXPECT_NE(Run({"--stats", "--seed", "1", program}).err,
            Run({"--stats", "--seed", "2", program}).err);
}

TEST(ParseSizeTest, UnitsArePowersOf1024) {
  EXPECT_EQ(ParseSize("4096"), 4096u);
  EXPECT_EQ(ParseSize("4K"), 4096u);
  EXPECT_EQ(ParseSize("512M"), uint64_t{512} << 20);
  EXPECT_EQ(ParseSize("2G"), uint64_t{2} << 30);
}

TEST(ParseSizeTest, WhatIsNoSizeIsZero) {
  for (const char* bad : {"", "M", "-1", "1T", "1.5G", "99999999999999G"}) {
    EXPECT_EQ(ParseSize(bad), 0u) << bad;
  }
}

TEST_F(RunCommandTest, TheElfHeaderSaysWhichMachine) {
  EXPECT_EQ(*ProgramArch(Hello(Arch::kX86)), Arch::kX86);
  EXPECT_EQ(*ProgramArch(Hello(Arch::kArm64)), Arch::kArm64);
  EXPECT_EQ(*ProgramArch(Put("script", "#!/bin/sh\n")), Arch::kX86);
  EXPECT_THAT(std::string(ProgramArch(Put("empty", "")).status().message()),
              HasSubstr("an empty file"));
  EXPECT_THAT(std::string(ProgramArch("/").status().message()),
              HasSubstr("not a file"));
}

}  // namespace
}  // namespace faultline::cli
