// Covers: plugin/rewind/machine_state.cc

#include "plugin/rewind/timeline.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "guest_mm/sync/inject.h"
#include "plugin/linux/fs/vfs.h"
#include "tests/plugin/linux/tiny_program.h"

namespace faultline::rewind {
namespace {

using engine::Arch;
using os::TinyProgram;

class OutputConsole : public os::Console {
 public:
  ErrnoOr<size_t> Read(absl::Span<std::byte>) override { return size_t{0}; }
  ErrnoOr<Done> Write(Stream, absl::Span<const std::byte> from) override {
    for (std::byte b : from) {
      text += char(b);
    }
    return kDone;
  }
  std::string text;
};

// Stops a timeline at each allocation, and has it fail when told to.
class Stops : public mm::FailureSource {
 public:
  bool ShouldFail(const mm::FailSite& site, uint64_t) override {
    if (timeline == nullptr || std::string_view(site.name) != "usercopy") {
      return false;
    }
    timeline->Pause();
    return fails;
  }
  Timeline* timeline = nullptr;
  bool fails = false;
};

struct End {
  int code = 0;
  uint64_t ns = 0;
  std::string text;
  friend bool operator==(const End&, const End&) = default;
};

class TimelineTest : public testing::TestWithParam<Arch> {
 protected:
  void SetUp() override {
    if (!Arena::Supported()) {
      GTEST_SKIP() << "no arena with a sanitizer";
    }
    ASSERT_TRUE(arena_.ok());
    const InsideArena inside(&arena_);
    console_ = std::make_unique<OutputConsole>();
    os::KernelOptions options;
    options.arch = GetParam();
    options.memory_bytes = 16 << 20;
    auto kernel = os::Kernel::Create(options, *console_);
    ASSERT_TRUE(kernel.ok());
    kernel_ = *std::move(kernel);
    TinyProgram program(GetParam());
    for (int i = 0; i < 3; ++i) {
      program.Write(6);
    }
    program.ExitWithErrno();
    ASSERT_TRUE(
        kernel_->vfs().WriteFile("/prog", program.Build("hello\n"), 0755).ok());
    ASSERT_TRUE(kernel_->Start({"/prog", {"prog"}, {}}).ok());
  }
  void Body() {
    const mm::ScopedFailures failures(&stops_);
    ended_ = false;
    result_ = kernel_->Run();
    ended_ = true;
  }
  End ToTheEnd(Timeline& timeline) {
    while (!ended_ && timeline.Resume()) {
    }
    return {result_.code, kernel_->now().ns(), std::string(console_->text)};
  }

  Arena arena_;
  std::unique_ptr<OutputConsole> console_;
  std::unique_ptr<os::Kernel> kernel_;
  Stops stops_;
  os::RunResult result_;
  bool ended_ = false;
};
INSTANTIATE_TEST_SUITE_P(BothArchitectures, TimelineTest,
                         testing::Values(Arch::kX86, Arch::kArm64),
                         [](const auto& p) {
                           return p.param == Arch::kX86 ? "x86_64" : "arm64";
                         });

TEST_P(TimelineTest, FromTheBeginningAgainAndAgain) {
  Timeline timeline(*kernel_, &arena_, [this] { Body(); });
  ASSERT_TRUE(timeline.Save().ok());
  const End first = ToTheEnd(timeline);
  EXPECT_EQ(first.text, "hello\nhello\nhello\n");
  EXPECT_GT(first.ns, 0u);
  for (int i = 0; i < 20; ++i) {
    ended_ = false;
    timeline.Restore();
    EXPECT_EQ(kernel_->now().ns(), 0u);
    EXPECT_EQ(console_->text, "");
    EXPECT_EQ(ToTheEnd(timeline), first);
  }
}

TEST_P(TimelineTest, EachPlaceHasTwoFutures) {
  Timeline timeline(*kernel_, &arena_, [this] { Body(); });
  stops_.timeline = &timeline;
  std::vector<End> failed;
  std::string before;
  int places = 0;
  while (timeline.Resume()) {
    ++places;
    ASSERT_TRUE(timeline.Save().ok());
    const std::string here(console_->text);
    EXPECT_EQ(here, before);
    std::optional<End> first;
    for (int i = 0; i < 3; ++i) {
      stops_.fails = true;
      if (timeline.Resume()) {
        stops_.fails = false;
      }
      const End end = ToTheEnd(timeline);
      stops_.fails = false;
      EXPECT_EQ(end.text.size(), size_t{12});
      EXPECT_EQ(end, first.value_or(end));
      first = end;
      ended_ = false;
      timeline.Restore();
      EXPECT_EQ(console_->text, here);
      EXPECT_EQ(mm::FailureSource::Active(), &stops_);
    }
    failed.push_back(*first);
    before += "hello\n";
  }
  EXPECT_EQ(places, 3);
  EXPECT_EQ(console_->text, "hello\nhello\nhello\n");
  EXPECT_EQ(failed[2].code, 14) << "EFAULT, of the last write";
  EXPECT_EQ(failed[0].code, failed[1].code);
}

TEST_P(TimelineTest, WithoutAnArenaItStandsAndGoesOn) {
  Timeline timeline(*kernel_, nullptr, [this] { Body(); });
  stops_.timeline = &timeline;
  int places = 0;
  while (timeline.Resume()) {
    ++places;
  }
  EXPECT_EQ(places, 3);
  EXPECT_EQ(console_->text, "hello\nhello\nhello\n");
}

}  // namespace
}  // namespace faultline::rewind
