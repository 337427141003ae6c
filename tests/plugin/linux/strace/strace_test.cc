#include "plugin/linux/strace/strace.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/plugin/linux/kernel_fixture.h"

namespace faultline::os {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class StraceTest : public KernelTest {
 protected:
  // What is printed of the whole run.
  std::vector<std::string> Lines(const TinyProgram& program,
                                 const std::string& text = "") {
    std::vector<std::string> lines;
    Strace strace([&](const std::string& line) { lines.push_back(line); });
    kernel_->set_observer(&strace);
    Run(program.Build(text));
    kernel_->set_observer(nullptr);
    return lines;
  }
  TinyProgram Program() const { return TinyProgram(GetParam()); }
};

TEST_P(StraceTest, ACallIsALineWithItsArgumentsAndItsResult) {
  EXPECT_THAT(Lines(Program().Write(6).Exit(7), "hello\n"),
              ElementsAre("[100] write(1, \"hello\\n\", 6) = 6",
                          "[100] exit(7) = ?", "[100] +++ exited with 7 +++"));
}

TEST_P(StraceTest, ABufferIsCutAfter32Bytes) {
  EXPECT_EQ(Lines(Program().Write(40).Exit(0), std::string(40, 'a'))[0],
            "[100] write(1, \"" + std::string(32, 'a') + "\"..., 40) = 40");
}

TEST_P(StraceTest, WhatIsNotInMemoryIsShownByItsAddress) {
  EXPECT_EQ(
      Lines(Program().Arg(0, 1).Arg(1, 0x10).Arg(2, 4).Call(1, 64).Exit(0))[0],
      "[100] write(1, 0x10, 4) = -1 EFAULT");
}

TEST_P(StraceTest, ANameIsShownWholeAndAModeInOctal) {
  const std::string name = "/" + std::string(40, 'd');
  EXPECT_EQ(
      Lines(Program().Arg(0, 3).ArgText(1).Arg(2, 0755).Call(258, 34).Exit(0),
            name + '\0')[0],
      "[100] mkdirat(3, \"" + name + "\", 0755) = 0");
}

TEST_P(StraceTest, ABufferThatTheCallFillsIsShownAfterwards) {
  // getcwd(text, 16)
  EXPECT_EQ(Lines(Program().Arg(0, 0).Arg(1, 16).Call(79, 17).Exit(0))[0],
            "[100] getcwd(NULL, 16) = -1 EFAULT");
}

TEST_P(StraceTest, AnUnknownCallShowsSixWords) {
  const std::string line = Lines(Program().Call(0x7fff, 0x7fff).Exit(0))[0];
  EXPECT_THAT(line, AllOf(StartsWith("[100] syscall_"), HasSubstr("("),
                          EndsWith(") = -1 ENOSYS")));
  EXPECT_EQ(std::count(line.begin(), line.end(), ','), 5);
}

TEST_P(StraceTest, AFaultShowsItsSignalAndItsAddress) {
  EXPECT_THAT(Lines(Program().Crash()),
              ElementsAre("[100] --- SIGSEGV {si_code=1, si_addr=0x0} ---",
                          "[100] +++ killed by SIGSEGV +++"));
}

FAULTLINE_BOTH_ARCHITECTURES(StraceTest);

}  // namespace
}  // namespace faultline::os
