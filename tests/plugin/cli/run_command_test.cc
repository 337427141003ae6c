// The command as its user meets it: what it exits with and what it prints.
// Covers: plugin/cli/program_arch.cc plugin/cli/run_observer.cc
// Covers: plugin/cli/run_stats.cc plugin/cli/trace_file.cc

#include "plugin/cli/run_command.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "plugin/cli/program_arch.h"
#include "tests/plugin/linux/tiny_program.h"

namespace faultline::cli {
namespace {

using engine::Arch;
using os::TinyProgram;
using ::testing::AllOf;
using ::testing::ContainsRegex;
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
    return Put("hello", TinyProgram(arch).Write(6).Exit(7).Build("hello\n"));
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

TEST_F(RunCommandTest, WhatMakesNoSenseIsStatusTwo) {
  const std::string program = Hello(Arch::kX86);
  EXPECT_EQ(Run({}).status, kExitUsage);
  EXPECT_EQ(Run({"--mem", "much", program}).err,
            "faultline: --mem much: not a size\n");
  EXPECT_EQ(Run({"--set", "vm=1", program}).err,
            "faultline: --set vm=1: must be /PATH=VALUE\n");
  EXPECT_EQ(Run({"--env", "NAME", program}).err,
            "faultline: --env NAME: must be K=V\n");
  EXPECT_EQ(Run({"--env", "NAME", program}).status, kExitUsage);
}

TEST_F(RunCommandTest, WhatWeCannotDoIsStatus125) {
  const std::string program = Hello(Arch::kX86);
  EXPECT_EQ(Run({"/no/such/program"}).err,
            "faultline: /no/such/program: no such file\n");
  EXPECT_EQ(Run({Put("text", "just text\n")}).status, kExitOurFailure);
  EXPECT_THAT(Run({"--bind", "relative", program}).err,
              HasSubstr("--bind relative: must be HOST:/GUEST"));
  EXPECT_THAT(Run({"--set", "/proc/none=1", program}).err,
              HasSubstr("no knob /proc/none"));
  EXPECT_THAT(Run({"--trace", "/no/such/dir/file", program}).err,
              HasSubstr("--trace /no/such/dir/file: "));
}

TEST_F(RunCommandTest, StraceGoesToStandardError) {
  const Outcome o = Run({"--strace", Hello(Arch::kArm64)});
  EXPECT_EQ(o.out, "hello\n");
  EXPECT_EQ(o.err,
            "[100] write(1, \"hello\\n\", 6) = 6\n[100] exit(7) = ?\n"
            "[100] +++ exited with 7 +++\n");
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
