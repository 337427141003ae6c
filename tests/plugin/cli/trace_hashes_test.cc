#include "plugin/cli/trace_hashes.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "plugin/inject/capture_console.h"
#include "tests/plugin/linux/tiny_program.h"

namespace faultline::cli {
namespace {

using engine::Arch;
using os::TinyProgram;

class TraceHashesTest : public testing::Test {
 protected:
  void SetUp() override {
    program_ = testing::TempDir() + "/hashes." + std::to_string(::getpid());
    std::ofstream(program_, std::ios::binary)
        << TinyProgram(Arch::kX86).Write(6).Write(6).Exit(0).Build("hello\n");
    ::chmod(program_.c_str(), 0755);
  }
  void TearDown() override { std::filesystem::remove(program_); }

  RunOptions With(const std::string& inject) const {
    RunOptions o;
    o.command = {program_};
    o.memory = "16M";
    o.time_limit_ns = 1'000'000'000;
    if (!inject.empty()) {
      o.injects = {inject};
    }
    return o;
  }
  std::vector<std::optional<uint64_t>> Hashes(
      rewind::Arena* arena, const std::vector<RunOptions>& runs) {
    const rewind::InsideArena inside(arena);
    inject::CaptureConsole console;
    auto machine = Machine::Make(With(""), console, {.trace_hash = true});
    const rewind::OutsideArena outside;
    EXPECT_TRUE(machine.ok());
    (*machine)->trace().Pause();
    return TraceHashes(**machine, arena, runs);
  }

  std::string program_;
};

TEST_F(TraceHashesTest, OneAfterTheOtherOrEachByItself) {
  const std::vector<RunOptions> runs = {
      With(""), With("usercopy:nth=1=fail"), With("usercopy:nth=2=fail"),
      With("usercopy:nth=2=fail"), With("nonsense")};
  const auto each = Hashes(nullptr, runs);
  ASSERT_EQ(each.size(), 5u);
  EXPECT_TRUE(each[0].has_value());
  EXPECT_NE(each[0], each[1]);
  EXPECT_NE(each[1], each[2]);
  EXPECT_EQ(each[2], each[3]);
  EXPECT_FALSE(each[4].has_value());
  rewind::Arena arena;
  if (arena.ok()) {
    EXPECT_EQ(Hashes(&arena, runs), each);
  }
}

}  // namespace
}  // namespace faultline::cli
