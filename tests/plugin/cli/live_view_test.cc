// Covers: plugin/cli/live_sample.cc

#include "plugin/cli/live_view.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "plugin/cli/live_sample.h"
#include "plugin/cli/run_command.h"
#include "tests/plugin/linux/tiny_program.h"

namespace faultline::cli {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

TEST(RenderLiveTest, ShowsMemoryRatesAndActors) {
  LiveSample before, now;
  now.time_ns = 2'000'000;
  now.faults = 50;
  now.major_faults = 4;
  now.anon = 64 << 10;
  now.file = 20 << 20;
  now.memory = 100 << 20;
  now.free = 50 << 20;
  now.actors = {{"sh/100", "runs"}, {"sh/101", "waits for pipe.read"}};
  const std::vector<std::string> lines = RenderLive(now, before, 200);
  ASSERT_THAT(lines, SizeIs(kLiveLines));
  EXPECT_THAT(lines[0], HasSubstr("2.000 ms, 2 actors"));
  EXPECT_THAT(lines[1], AllOf(HasSubstr("[##########..........] 20.1 MiB"),
                              HasSubstr("anon 64 KiB, file 20.0 MiB")));
  EXPECT_THAT(lines[2], HasSubstr("faults 50 (25.0/ms), major 4 (2.0/ms)"));
  EXPECT_EQ(lines[4], "  sh/101             waits for pipe.read");
}

TEST(RenderLiveTest, KeepsToItsLinesAndColumns) {
  LiveSample now;
  now.actors.resize(99, {"a task", "waits for something with a long name"});
  const std::vector<std::string> lines = RenderLive(now, now, 40);
  ASSERT_THAT(lines, SizeIs(kLiveLines));
  EXPECT_THAT(lines, Each(SizeIs(testing::Le(40u))));
  EXPECT_EQ(lines.back(), "  and 96 more");
}

// A terminal of the host's; what is shown on it can be read.
class Terminal {
 public:
  explicit Terminal(unsigned short rows)
      : master_(::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK)) {
    EXPECT_EQ(::grantpt(master_), 0);
    EXPECT_EQ(::unlockpt(master_), 0);
    slave_ = ::open(::ptsname(master_), O_RDWR | O_NOCTTY);
    const winsize size{
        .ws_row = rows, .ws_col = 80, .ws_xpixel = 0, .ws_ypixel = 0};
    EXPECT_EQ(::ioctl(slave_, TIOCSWINSZ, &size), 0);
  }
  ~Terminal() {
    ::close(slave_);
    ::close(master_);
  }
  int fd() const { return slave_; }
  std::string Shown() const {
    std::string text;
    char buffer[4096];
    for (ssize_t n = 0; (n = ::read(master_, buffer, sizeof buffer)) > 0;) {
      text.append(buffer, size_t(n));
    }
    return text;
  }

 private:
  int master_, slave_;
};

class WatchTest : public ::testing::Test {
 protected:
  void SetUp() override {
    path_ = std::filesystem::temp_directory_path() /
            (std::to_string(::getpid()) + ".watched");
    std::ofstream(path_, std::ios::binary)
        << os::TinyProgram(engine::Arch::kX86)
               .Write(6)
               .Exit(0)
               .Build("hello\n");
    ::chmod(path_.c_str(), 0755);
  }
  void TearDown() override { std::filesystem::remove(path_); }

  // `faultline run ARGS PROGRAM` with its standard error at `fd`.
  int Run(const std::string& args, int fd) const {
    CLI::App app;
    RunCommand run(app);
    app.parse("run " + args + " " + path_);
    const int kept = ::dup(STDERR_FILENO);
    ::dup2(fd, STDERR_FILENO);
    testing::internal::CaptureStdout();
    const int status = run.Run();
    testing::internal::GetCapturedStdout();
    ::dup2(kept, STDERR_FILENO);
    ::close(kept);
    return status;
  }
  static std::string HashIn(const std::string& text) {
    const size_t at = text.find("trace hash");
    return at == std::string::npos ? "" : text.substr(at, 29);
  }
  std::string path_;
};

TEST_F(WatchTest, ATerminalShowsTheMachineAndIsGivenBack) {
  const Terminal terminal(40);
  EXPECT_EQ(Run("--watch", terminal.fd()), 0);
  EXPECT_THAT(
      terminal.Shown(),
      AllOf(HasSubstr("resident ["), HasSubstr("faults "), HasSubstr("runs"),
            HasSubstr("\x1b[1;33r"), HasSubstr("\x1b[r")));
}

TEST_F(WatchTest, TheRunIsTheSame) {
  const Terminal with(40), without(40);
  EXPECT_EQ(Run("--watch --stats", with.fd()), 0);
  EXPECT_EQ(Run("--stats", without.fd()), 0);
  const std::string hash = HashIn(without.Shown());
  EXPECT_THAT(hash, Not(IsEmpty()));
  EXPECT_EQ(HashIn(with.Shown()), hash);
}

TEST_F(WatchTest, ALowTerminalIsLeftAlone) {
  const Terminal terminal(10);
  EXPECT_EQ(Run("--watch", terminal.fd()), 0);
  EXPECT_EQ(terminal.Shown(), "");
}

TEST_F(WatchTest, APipeStaysSilent) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_NONBLOCK), 0);
  EXPECT_EQ(Run("--watch", ends[1]), 0);
  char c = 0;
  EXPECT_EQ(::read(ends[0], &c, 1), -1);
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace faultline::cli
