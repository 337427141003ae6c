#include "plugin/linux/fs/console_file.h"

#include <array>
#include <string>

#include "gtest/gtest.h"
#include "plugin/linux/observer.h"
#include "plugin/linux/task/task.h"
#include "tests/plugin/linux/kernel_fixture.h"

namespace faultline::os {
namespace {

TEST(ConsoleFileTest, LooksLikeAPipeOfItsOwn) {
  MemoryConsole console;
  const auto in = MakeConsoleFile(console, StandardStream::kIn);
  const auto out = MakeConsoleFile(console, StandardStream::kOut);
  EXPECT_TRUE(in->readable() && !in->writable());
  EXPECT_TRUE(out->writable() && !out->readable());
  EXPECT_EQ(in->Stat().mode, kS_IFIFO | 0600);
  EXPECT_NE(in->Stat().ino, out->Stat().ino);
  EXPECT_EQ(out->LinkName(), "pipe:[" + std::to_string(out->Stat().ino) + "]");
  EXPECT_EQ(in->Poll(), kPollIn | kPollRdNorm);
  EXPECT_EQ(out->Poll(), kPollOut | kPollWrNorm);
}

TEST(ConsoleFileTest, OpenedAgainItHasFlagsOfItsOwn) {
  MemoryConsole console;
  const auto in = MakeConsoleFile(console, StandardStream::kIn);
  const auto again = in->Reopen(kO_RDONLY | kO_NONBLOCK);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ((*again)->flags() & kO_NONBLOCK, kO_NONBLOCK);
  EXPECT_EQ(in->flags() & kO_NONBLOCK, 0u);
}

absl::Span<const std::byte> Bytes(const std::string& text) {
  return absl::MakeConstSpan(reinterpret_cast<const std::byte*>(text.data()),
                             text.size());
}

using ConsoleStreamsTest = KernelTest;

TEST_P(ConsoleStreamsTest, BytesGoToTheirStreamAndComeInUntilTheEnd) {
  // A task to make the calls: the one that a crash is reported of.
  struct Observer : KernelObserver {
    void OnFatalSignal(Task& task, const SigInfo&) override {
      std::array<std::byte, 8> to{};
      const auto in = MakeConsoleFile(console, StandardStream::kIn);
      EXPECT_EQ(*in->Read(task, absl::MakeSpan(to).first(0)), 0u);
      EXPECT_EQ(*in->Read(task, absl::MakeSpan(to)), 5u);
      EXPECT_EQ(to[4], std::byte{'t'});
      EXPECT_EQ(*in->Read(task, absl::MakeSpan(to)), 0u);
      EXPECT_EQ(*MakeConsoleFile(console, StandardStream::kOut)
                     ->Write(task, Bytes("out")),
                3u);
      EXPECT_EQ(*MakeConsoleFile(console, StandardStream::kErr)
                     ->Write(task, Bytes("error")),
                5u);
    }
    MemoryConsole console{"input"};
  } observer;
  kernel_->set_observer(&observer);
  Run(TinyProgram(GetParam()).Crash().Build());
  kernel_->set_observer(nullptr);
  EXPECT_EQ(observer.console.out(), "out");
  EXPECT_EQ(observer.console.err(), "error");
}

// Nobody reads what is written here.
class BrokenConsole : public MemoryConsole {
 public:
  ErrnoOr<Done> Write(Stream, absl::Span<const std::byte>) override {
    return Errno::kEPIPE;
  }
};

TEST_P(ConsoleStreamsTest, AReaderThatHasGoneIsSigpipe) {
  KernelOptions options;
  options.arch = GetParam();
  options.memory_bytes = 16 << 20;
  BrokenConsole console;
  kernel_ = *Kernel::Create(options, console);
  const RunResult r = Run(TinyProgram(GetParam()).Write(1).Exit(0).Build("x"));
  EXPECT_EQ(r.kind, RunResult::Kind::kKilled);
  EXPECT_EQ(r.code, kSigPipe);
}

// Its input is not there until the machine has nothing else to do.
class LateConsole : public MemoryConsole {
 public:
  LateConsole() : MemoryConsole("x") {}
  bool InputReady() override { return come_; }
  void AwaitInput() override {
    come_ = true;
    ++waits_;
  }
  int waits() const { return waits_; }

 private:
  bool come_ = false;
  int waits_ = 0;
};

TEST_P(ConsoleStreamsTest, TheHostIsWaitedForWhenNothingElseCanGoOn) {
  KernelOptions options;
  options.arch = GetParam();
  options.memory_bytes = 16 << 20;
  LateConsole console;
  const auto in = MakeConsoleFile(console, StandardStream::kIn);
  EXPECT_EQ(in->Poll(), 0u);
  kernel_ = *Kernel::Create(options, console);
  // Its text is read-only: the byte that came cannot be stored.
  const RunResult r = Run(TinyProgram(GetParam())
                              .Arg(0, 0)
                              .ArgText(1)
                              .Arg(2, 1)
                              .Call(0, 63)
                              .ExitWithErrno()
                              .Build(" "));
  EXPECT_EQ(r.code, int(Errno::kEFAULT));
  EXPECT_EQ(console.waits(), 1);
  EXPECT_EQ(in->Poll(), kPollIn | kPollRdNorm);
}

FAULTLINE_BOTH_ARCHITECTURES(ConsoleStreamsTest);

}  // namespace
}  // namespace faultline::os
