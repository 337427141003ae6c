// Covers: plugin/inject/events.cc plugin/linux/memory/memory_failure.cc
#include "plugin/inject/kernel_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "plugin/inject/events.h"
#include "plugin/linux/signal/signal_info.h"
#include "plugin/linux/task/process.h"
#include "plugin/linux/task/task.h"
#include "tests/plugin/linux/kernel_fixture.h"

namespace faultline::inject {
namespace {

using mm::GuestAddr;
using os::RunResult;
using os::TinyProgram;
using ::testing::HasSubstr;

constexpr uint64_t kText = 0x400000;

class KernelRulesTest : public os::KernelTest {
 protected:
  // Runs `program` under the rules.
  RunResult RunUnder(std::vector<std::string> rules,
                     const TinyProgram& program) {
    EXPECT_TRUE(Start(program.Build("hello\n")).ok());
    injector_ =
        std::make_unique<Injector>(kernel_->scheduler(), kernel_->trace(), 1);
    Prepare(*injector_, *kernel_);
    for (const std::string& text : rules) {
      const absl::Status s =
          AddRule(*injector_, *kernel_, *ParseRule(text), "/none");
      EXPECT_TRUE(s.ok()) << s;
    }
    injector_->Attach(nullptr);
    const RunResult result = kernel_->Run();
    injector_->Detach();
    return result;
  }
  TinyProgram Hello() { return TinyProgram(GetParam()).Write(6).Exit(7); }
  size_t injected() const { return injector_->injections().size(); }

  std::unique_ptr<Injector> injector_;
};

TEST_P(KernelRulesTest, AFailedCopyIsEfault) {
  const RunResult r = RunUnder(
      {"usercopy:nth=1"}, TinyProgram(GetParam()).Write(6).ExitWithErrno());
  EXPECT_EQ(r.code, int(Errno::kEFAULT));
  EXPECT_EQ(console_.out(), "");
}

TEST_P(KernelRulesTest, AFaultWithoutMemoryIsTriedAgain) {
  const RunResult r = RunUnder({"alloc.*:nth=1", "alloc.*:nth=2"}, Hello());
  EXPECT_EQ(r.code, 7);
  EXPECT_EQ(console_.out(), "hello\n");
  EXPECT_EQ(injected(), 2u);
}

TEST_P(KernelRulesTest, AFileThatCannotBeReadIsABusError) {
  // The program's own text; the machine keeps files in memory, so none is
  // read.
  const RunResult r = RunUnder({"file.read.error"}, Hello());
  EXPECT_EQ(r.code, 7);
}

TEST_P(KernelRulesTest, ASignalComesToTheThreadThatComesBy) {
  const RunResult r = RunUnder({"syscall.enter:nth=2=signal:TERM"}, Hello());
  EXPECT_EQ(r.kind, RunResult::Kind::kKilled);
  EXPECT_EQ(r.code, os::kSigTerm);
  EXPECT_EQ(console_.out(), "hello\n");
}

TEST_P(KernelRulesTest, TasksAreNamedByNameAndId) {
  EXPECT_EQ(RunUnder({"syscall.enter:task=prog=signal",
                      "syscall.enter:task=other=signal:USR1"},
                     Hello())
                .code,
            os::kSigKill);
  EXPECT_EQ(injected(), 1u);
}

TEST_P(KernelRulesTest, AnotherTasksPassingsAreLeftAlone) {
  EXPECT_EQ(RunUnder({"syscall.enter:task=101=signal"}, Hello()).code, 7);
  EXPECT_EQ(injected(), 0u);
}

TEST_P(KernelRulesTest, PoisonedMemoryIsABusErrorWhenTouched) {
  // arm64's text is one page too: what is to run next is gone.
  const RunResult r = RunUnder({"syscall.exit:nth=1=poison:400000"}, Hello());
  EXPECT_EQ(r.kind, RunResult::Kind::kKilled);
  EXPECT_EQ(r.code, os::kSigBus);
  EXPECT_EQ(console_.out(), "hello\n");
}

TEST_P(KernelRulesTest, PagesGoAndComeBackAsIfNothingWere) {
  for (const char* event : {"reclaim", "dontneed", "collapse", "split"}) {
    SetUp();
    const RunResult r =
        RunUnder({std::string("syscall.enter=") + event + ":400000"}, Hello());
    EXPECT_EQ(r.code, 7) << event;
    EXPECT_EQ(injected(), 2u) << event;
  }
}

TEST_P(KernelRulesTest, ThePageIsGoneWhenTheEventIsOver) {
  EXPECT_TRUE(Start(Hello().Build("hello\n")).ok());
  Injector injector(kernel_->scheduler(), kernel_->trace(), 1);
  const Injector::Event drop =
      MakeEvent(*kernel_, *ParseRule("syscall.enter=dontneed:400000"));
  const auto present = [&](const Passing& passing) {
    mm::PageTable& table = TaskOf(*kernel_, passing)->mm().page_table();
    return table.Get(table.Walk(GuestAddr(kText))).present();
  };
  bool before = false, after = true;
  injector.At("syscall.enter", {.nth = 1}, "drop", [&](const Passing& p) {
    before = present(p);
    drop(p);
    after = present(p);
  });
  injector.Attach(nullptr);
  EXPECT_EQ(kernel_->Run().code, 7);
  EXPECT_TRUE(before);
  EXPECT_FALSE(after);
}

TEST_P(KernelRulesTest, AddressesAreThoseOfTheFault) {
  EXPECT_EQ(
      RunUnder({"mmap_lock.unlocked:addr=400000-401000=signal"}, Hello()).code,
      os::kSigKill);
  ASSERT_GE(injected(), 1u);
  EXPECT_EQ(injector_->injections()[0].address & ~uint64_t{0xfff}, kText);
}

TEST_P(KernelRulesTest, DelayLetsTimePassAndChangesNothingElse) {
  EXPECT_EQ(RunUnder({"syscall.enter:nth=1=delay:1000"}, Hello()).code, 7);
  EXPECT_GT(kernel_->now().ns(), 1'000'000u);
}

TEST_P(KernelRulesTest, TagsAndUserfaultfdsThatAreNotThereAreLeftAlone) {
  EXPECT_EQ(
      RunUnder({"syscall.enter=tag:3", "syscall.exit=uffd-close"}, Hello())
          .code,
      7);
}

TEST_P(KernelRulesTest, KernelRoutinesHaveNamesToo) {
  // The text was never read: the copy from it faults.
  const RunResult r = RunUnder({"syscall.exit:nth=1=signal"},
                               TinyProgram(GetParam()).Write(6).Exit(7));
  EXPECT_EQ(r.code, os::kSigKill);
  SetUp();
  EXPECT_EQ(RunUnder({"page.alloc:pc=copy_to_user=signal"}, Hello()).code, 7)
      << "there is no fault in one";
}

TEST_P(KernelRulesTest, WhatCannotBeIsRefused) {
  Injector injector(kernel_->scheduler(), kernel_->trace(), 1);
  const auto why = [&](const std::string& text) {
    return std::string(
        AddRule(injector, *kernel_, *ParseRule(text), "/none").message());
  };
  EXPECT_THAT(why("no.such=fail"), HasSubstr("no such site"));
  EXPECT_THAT(why("slab:pc=no_such"), HasSubstr("a function called no_such"));
}

FAULTLINE_BOTH_ARCHITECTURES(KernelRulesTest);

}  // namespace
}  // namespace faultline::inject
