// Covers: plugin/linux/report/oom_report.cc

#include "plugin/linux/report/crash_report.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "guest_mm/phys/phys_mem.h"
#include "plugin/linux/fs/vfs.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/observer.h"
#include "plugin/linux/task/oom_killer.h"
#include "tests/guest_mm/testing/failing_allocations.h"
#include "tests/plugin/linux/tiny_program.h"

namespace faultline::os {
namespace {

using engine::Arch;
using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class Reporter : public KernelObserver {
 public:
  void OnFatalSignal(Task& task, const SigInfo& info) override {
    report = CrashReport(task, info);
    short_report = ShortCrashReport(task, info);
  }
  void OnOutOfMemory(Task& task) override { report = OutOfMemoryReport(task); }
  void OnExit(Task& task) override {
    kill_report = OomKillReport({.victim = task.process(),
                                 .asked = &task,
                                 .what = {mm::AllocPurpose::kTablePte, 0},
                                 .points = 7});
  }
  std::string kill_report;
  std::string report, short_report;
};

class CrashReportTest : public ::testing::TestWithParam<Arch> {
 protected:
  // kFull: from the program's start on the machine has no frame left.
  enum class Memory { kThere, kFull };
  std::string ReportOf(const std::string& program,
                       Memory memory = Memory::kThere) {
    KernelOptions options;
    options.arch = GetParam();
    options.memory_bytes = 16 << 20;
    MemoryConsole console;
    auto kernel = Kernel::Create(options, console);
    EXPECT_TRUE(kernel.ok()) << kernel.status();
    EXPECT_TRUE((*kernel)->vfs().WriteFile("/prog", program, 0755).ok());
    EXPECT_TRUE((*kernel)->Start({"/prog", {"prog"}, {}}).ok());
    mm::PhysMem& phys = (*kernel)->memory().phys();
    while (memory == Memory::kFull &&
           phys.Allocate(mm::AllocPurpose::kKernel).ok()) {
    }
    Reporter reporter;
    (*kernel)->set_observer(&reporter);
    (void)(*kernel)->Run();
    short_report_ = reporter.short_report;
    kill_report_ = reporter.kill_report;
    return reporter.report;
  }
  // kill(0, SIGNAL): to itself.
  std::string ReportOfKill(uint16_t signo) {
    return ReportOf(
        TinyProgram(GetParam()).Arg(0, 0).Arg(1, signo).Call(62, 129).Build());
  }
  std::string short_report_, kill_report_;
};

TEST_P(CrashReportTest, SaysWhatHappenedAndWhere) {
  EXPECT_THAT(ReportOf(TinyProgram(GetParam()).Crash().Build()),
              AllOf(HasSubstr("was killed by SIGSEGV (SEGV_MAPERR)"),
                    HasSubstr("0x0 could not be read: nothing is mapped"),
                    HasSubstr("=> 000000000000 (nothing)\n")));
}

TEST_P(CrashReportTest, MappingsHaveTheNamesThatProcMapsGivesThem) {
  const std::string report = ReportOf(TinyProgram(GetParam()).Crash().Build());
  EXPECT_THAT(report, AllOf(HasSubstr(" /prog\n"), HasSubstr(" [stack]\n")));
  if (GetParam() == Arch::kArm64) {
    EXPECT_THAT(report, HasSubstr(" [vdso]\n"));
  }
}

TEST_P(CrashReportTest, InShortItIsWhoAndWhyAndTheInstruction) {
  ReportOf(TinyProgram(GetParam()).Crash().Build());
  EXPECT_THAT(
      short_report_,
      MatchesRegex("/prog: task 100 of process 100 \\(prog\\) was killed by "
                   "SIGSEGV \\(SEGV_MAPERR\\)\n  0x0 could not be read: "
                   "nothing is mapped there, at 0x[0-9a-f]+: [^\n]+\n"));
}

TEST_P(CrashReportTest, ASignalThatWasSentHasNoAddressToExplain) {
  EXPECT_THAT(ReportOfKill(kSigAbrt),
              AllOf(HasSubstr("was killed by SIGABRT (SI_USER)\nat 0x"),
                    HasSubstr("mappings around it:\n")));
  EXPECT_THAT(short_report_, HasSubstr("(SI_USER)\n  at 0x"));
}

TEST(DumpsCoreTest, AreTheSignalsOfTheManualsTable) {
  std::vector<int> dumping;
  for (int signo = 1; signo <= kSigMax; ++signo) {
    if (DumpsCore(signo)) {
      dumping.push_back(signo);
    }
  }
  EXPECT_THAT(dumping,
              ElementsAre(kSigQuit, kSigIll, kSigTrap, kSigAbrt, kSigBus,
                          kSigFpe, kSigSegv, kSigXcpu, kSigXfsz, kSigSys));
}

TEST_P(CrashReportTest, WhoDiesForLackOfMemoryIsReportedWithItsUse) {
  EXPECT_THAT(
      ReportOf(TinyProgram(GetParam()).Crash().Build(), Memory::kFull),
      AllOf(HasSubstr("/prog: task 100 of process 100 (prog) was killed: out "
                      "of memory, "),
            HasSubstr("there was no memory for "),
            HasSubstr("the machine has 16384 KiB, "),
            HasSubstr(" KiB anon\n")));
}

TEST_P(CrashReportTest, WhoIsKilledForOthersIsReportedWithTheSiteThatAsked) {
  ReportOf(TinyProgram(GetParam()).Exit(0).Build());
  EXPECT_THAT(
      kill_report_,
      AllOf(HasSubstr("/prog: process 100 (prog) was killed: out of memory\n"),
            HasSubstr("task 100 of process 100 (prog) asked for memory at "
                      "table.pte\n"),
            ContainsRegex("it has [0-9]+ KiB in memory, 0 KiB in swap, "
                          "[0-9]+ KiB of page tables, oom_score_adj 0\n"),
            HasSubstr("the machine has 16384 KiB, ")));
}

INSTANTIATE_TEST_SUITE_P(BothArchitectures, CrashReportTest,
                         ::testing::Values(Arch::kX86, Arch::kArm64),
                         [](const auto& p) {
                           return p.param == Arch::kX86 ? "x86" : "arm64";
                         });

}  // namespace
}  // namespace faultline::os
