// Covers: plugin/inject/sweep_rules.cc plugin/inject/sweep_message.cc
// Covers: plugin/inject/learner.cc plugin/inject/experimenter.cc
// Covers: plugin/inject/copy_process.cc plugin/inject/capture_console.cc
#include "plugin/inject/sweep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <map>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "plugin/inject/copy_process.h"
#include "plugin/inject/sweep_message.h"
#include "plugin/linux/fs/vfs.h"
#include "plugin/linux/observer.h"
#include "plugin/rewind/arena.h"
#include "tests/plugin/linux/tiny_program.h"

namespace faultline::inject {
namespace {

using engine::Arch;
using os::TinyProgram;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Writes, tells nothing of it, and ends.
TinyProgram Careless(Arch arch) { return TinyProgram(arch).Write(6).Exit(0); }

class SweepTest : public ::testing::TestWithParam<Arch> {
 protected:
  void Start(const TinyProgram& program, rewind::Arena* arena = nullptr) {
    const rewind::InsideArena inside(arena);
    os::KernelOptions options;
    options.arch = GetParam();
    options.memory_bytes = 16 << 20;
    kernel_ = nullptr;
    console_ = std::make_unique<CaptureConsole>();
    auto kernel = os::Kernel::Create(options, *console_);
    ASSERT_TRUE(kernel.ok()) << kernel.status();
    kernel_ = *std::move(kernel);
    ASSERT_TRUE(
        kernel_->vfs().WriteFile("/prog", program.Build("hello\n"), 0755).ok());
    ASSERT_TRUE(kernel_->Start({"/prog", {"prog"}, {}}).ok());
  }
  Sweep Make(const std::string& rules, int jobs = 2,
             rewind::Arena* arena = nullptr) {
    return Sweep({.kernel = *kernel_,
                  .console = *console_,
                  .program = "/none",
                  .rules = *SweepRules({rules}),
                  .jobs = jobs,
                  .learn_limit_ns = 1'000'000'000,
                  .arena = arena});
  }
  // How each experiment ended: "rule nth end".
  std::vector<std::string> Ends(Sweep& sweep, const Learned& learned) {
    std::set<Experiment> plan;
    for (size_t rule = 0; rule < learned.passings.size(); ++rule) {
      for (uint64_t n = 1; n <= learned.passings[rule]; ++n) {
        plan.insert({rule, n});
      }
    }
    std::map<Experiment, std::string> ends;
    const absl::Status s = sweep.Run(learned, plan, [&](const Result& r) {
      EXPECT_TRUE(ends.emplace(r.experiment, ToString(r.end)).second);
    });
    EXPECT_TRUE(s.ok()) << s;
    std::vector<std::string> rows;
    for (const auto& [e, end] : ends) {
      rows.push_back(absl::StrCat(e.rule, " ", e.nth, " ", end));
    }
    return rows;
  }

  rewind::Arena arena_;  // with a sanitizer there is none
  std::unique_ptr<CaptureConsole> console_;
  std::unique_ptr<os::Kernel> kernel_;
};

// Cannot bear a call that fails.
class Brittle : public os::KernelObserver {
 public:
  void OnSyscallExit(os::Task&, uint64_t, const os::SyscallArgs&,
                     const os::SyscallResult& result) override {
    if (!result.ok()) {
      std::raise(SIGKILL);
    }
  }
};

TEST_P(SweepTest, EachPassingIsAnExperimentOfItsOwn) {
  Start(Careless(GetParam()));
  Sweep sweep = Make("usercopy,syscall.enter=signal:TERM");
  const auto learned = sweep.Learn();
  ASSERT_TRUE(learned.ok()) << learned.status();
  EXPECT_EQ(learned->baseline.code, 0);
  EXPECT_THAT(learned->passings, ElementsAre(1, 2));
  EXPECT_THAT(Ends(sweep, *learned),
              ElementsAre("0 1 silent", "1 1 signal", "1 2 signal"));
  EXPECT_EQ(kernel_->now().ns(), 0u) << "the machine itself has not run";
}

TEST_P(SweepTest, AnErrorThatIsToldIsAClean) {
  Start(TinyProgram(GetParam()).Write(6).ExitWithErrno());
  Sweep sweep = Make("usercopy", /*jobs=*/1);
  const auto learned = sweep.Learn();
  ASSERT_TRUE(learned.ok()) << learned.status();
  // Without an error it exits with the negated count of bytes.
  EXPECT_EQ(learned->baseline.code, 250);
  EXPECT_THAT(Ends(sweep, *learned), ElementsAre("0 1 clean-error"));
}

TEST_P(SweepTest, WhatIsTriedAgainIsTheSame) {
  Start(Careless(GetParam()));
  Sweep sweep = Make("alloc.*");
  const auto learned = sweep.Learn();
  ASSERT_TRUE(learned.ok()) << learned.status();
  for (const std::string& row : Ends(sweep, *learned)) {
    EXPECT_THAT(row, HasSubstr("same"));
  }
}

TEST_P(SweepTest, APartOfThePlanIsMade) {
  Start(Careless(GetParam()));
  Sweep sweep = Make("syscall.enter=signal");
  const auto learned = sweep.Learn();
  ASSERT_TRUE(learned.ok());
  int results = 0;
  EXPECT_TRUE(sweep
                  .Run(*learned, {{0, 2}},
                       [&](const Result& r) {
                         ++results;
                         EXPECT_EQ(r.experiment.nth, 2u);
                         EXPECT_TRUE(r.run.killed);
                         EXPECT_EQ(r.run.code, SIGKILL);
                       })
                  .ok());
  EXPECT_EQ(results, 1);
}

TEST_P(SweepTest, WhatIsNeverPassedIsMissed) {
  Start(Careless(GetParam()));
  Sweep sweep = Make("slab");
  Learned learned = *sweep.Learn();
  const absl::Status s =
      sweep.Run(learned, {{0, 1'000'000}}, [](const Result&) {});
  EXPECT_THAT(std::string(s.message()), HasSubstr("1 experiments were not"));
}

TEST_P(SweepTest, AProgramThatDoesNotEndCannotBeSwept) {
  Start(TinyProgram(GetParam()).Spin());
  Sweep sweep = Make("slab");
  EXPECT_THAT(std::string(sweep.Learn().status().message()),
              HasSubstr("does not end in time"));
}

TEST_P(SweepTest, PuttingBackAndCopyingComeToTheSame) {
  if (!arena_.ok()) {
    GTEST_SKIP() << "no arena with a sanitizer";
  }
  TinyProgram program(GetParam());
  for (int i = 0; i < 10; ++i) {
    program.Write(6);
  }
  program.ExitWithErrno();
  const std::string rules =
      "usercopy,alloc.*,page.alloc=delay,syscall.enter=signal:TERM,"
      "syscall.enter=dontneed:0x400000";
  std::vector<std::string> ends[2];
  for (rewind::Arena* const arena :
       {static_cast<rewind::Arena*>(nullptr), &arena_}) {
    Start(program, arena);
    Sweep sweep = Make(rules, /*jobs=*/1, arena);
    const auto learned = sweep.Learn();
    ASSERT_TRUE(learned.ok()) << learned.status();
    ends[arena == nullptr ? 0 : 1] = Ends(sweep, *learned);
  }
  EXPECT_GT(ends[0].size(), 30u);  // several to a copy
  EXPECT_EQ(ends[0], ends[1]);
}

TEST_P(SweepTest, WhenOneDiesItsNeighboursAreMadeByOthers) {
  TinyProgram program(GetParam());
  for (int i = 0; i < 8; ++i) {
    program.Write(6);
  }
  rewind::Arena* const arena = arena_.ok() ? &arena_ : nullptr;
  Start(program.Exit(0), arena);
  Brittle brittle;
  kernel_->set_observer(&brittle);
  Sweep sweep = Make("usercopy,syscall.enter=signal:TERM", /*jobs=*/1, arena);
  const auto learned = sweep.Learn();
  ASSERT_TRUE(learned.ok()) << learned.status();
  const std::vector<std::string> ends = Ends(sweep, *learned);
  ASSERT_EQ(ends.size(), 17u);
  for (const std::string& end : ends) {
    EXPECT_THAT(end, HasSubstr(end[0] == '0' ? "crash" : "signal"));
  }
}

INSTANTIATE_TEST_SUITE_P(BothArchitectures, SweepTest,
                         ::testing::Values(Arch::kX86, Arch::kArm64),
                         [](const auto& p) {
                           return p.param == Arch::kX86 ? "x86" : "arm64";
                         });

TEST(SweepRulesTest, EachSiteByItselfAndPassingsAreNotNamed) {
  std::vector<std::string> names;
  const auto rules = SweepRules({"slab,swap.*", "pte.lock=reclaim"});
  ASSERT_TRUE(rules.ok());
  for (const Rule& rule : *rules) {
    names.push_back(ToString(rule));
  }
  EXPECT_THAT(names, ElementsAre("slab=fail", "swap.read.error=fail",
                                 "swap.write.error=fail", "pte.lock=reclaim"));
  EXPECT_EQ(ToString(ForPassing((*SweepRules({"slab"}))[0], 3)),
            "slab:nth=3=fail");
  EXPECT_THAT(std::string(SweepRules({"slab:nth=1"}).status().message()),
              HasSubstr("each passing by itself"));
  EXPECT_THAT(std::string(SweepRules({}).status().message()),
              HasSubstr("no site named"));
  EXPECT_FALSE(SweepRules({"pte.lock"}).ok());
}

TEST(CopyProcessTest, AsksACopyAndOutlivesItsDeath) {
  int mine = 1;
  EXPECT_EQ(AskCopy([&]() -> std::optional<uint64_t> {
              mine = 2;
              return 7;
            }),
            7u);
  EXPECT_EQ(mine, 1);
  EXPECT_FALSE(AskCopy([]() -> std::optional<uint64_t> {
                 std::raise(SIGKILL);
                 return 7;
               }).has_value());
}

TEST(SweepMessageTest, ComesAsItWasSentAndLongTextsAreCut) {
  const auto copy = MakeCopy([](int to_parent) {
    Message m;
    m.experiment = {3, 4};
    m.SetText(std::string(1000, 'x'));
    Send(to_parent, m);
  });
  ASSERT_TRUE(copy.ok());
  const std::optional<Message> m = Receive(copy->from);
  ASSERT_TRUE(m.has_value());
  EXPECT_EQ(m->experiment, (Experiment{3, 4}));
  EXPECT_EQ(m->Text(), std::string(sizeof m->text - 1, 'x'));
  EXPECT_FALSE(Receive(copy->from).has_value());
  EXPECT_EQ(Finish(*copy), 0);
}

TEST(CaptureConsoleTest, HashesEachStreamByItself) {
  const auto write = [](CaptureConsole& c, os::Console::Stream s,
                        std::string_view text) {
    EXPECT_TRUE(c.Write(s, {reinterpret_cast<const std::byte*>(text.data()),
                            text.size()})
                    .ok());
  };
  constexpr auto kOut = os::Console::Stream::kOut;
  constexpr auto kErr = os::Console::Stream::kErr;
  CaptureConsole a, b, c;
  write(a, kOut, "one");
  write(a, kErr, "e");
  write(a, kOut, "two");
  write(b, kErr, "e");
  write(b, kOut, "onetwo");
  write(c, kOut, "onetwoe");
  EXPECT_EQ(a.hash(), b.hash());
  EXPECT_NE(a.hash(), c.hash());
  std::byte room[4];
  EXPECT_EQ(*a.Read(absl::MakeSpan(room)), 0u);
}

}  // namespace
}  // namespace faultline::inject
