// What can be looked at when a program has died.
// Covers: plugin/linux/report/peek.cc plugin/linux/report/register_text.cc

#include "plugin/linux/report/page_walk.h"

#include <array>
#include <functional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "plugin/linux/observer.h"
#include "plugin/linux/report/peek.h"
#include "plugin/linux/report/register_text.h"
#include "plugin/linux/task/task.h"
#include "tests/plugin/linux/kernel_fixture.h"

namespace faultline::os {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr uint64_t kProgram = 0x400000;  // where TinyProgram is

class ReportTest : public KernelTest {
 protected:
  using Look = std::function<void(Task& task, const SigInfo& info)>;

  // Runs a program that reads address 0, and looks when that kills it.
  void AtTheCrash(const Look& look) {
    struct Observer : KernelObserver {
      explicit Observer(const Look& l) : look(l) {}
      void OnFatalSignal(Task& task, const SigInfo& info) override {
        look(task, info);
        ++deaths;
      }
      const Look& look;
      int deaths = 0;
    } observer(look);
    kernel_->set_observer(&observer);
    Run(TinyProgram(GetParam()).Crash().Build());
    kernel_->set_observer(nullptr);
    EXPECT_EQ(observer.deaths, 1);
  }
};

class PageWalkTest : public ReportTest {};

TEST_P(PageWalkTest, NamesEveryLevelDownToThePage) {
  AtTheCrash([](Task& task, const SigInfo&) {
    EXPECT_THAT(DescribeWalk(task.mm(), mm::GuestAddr(kProgram)),
                ContainsRegex("^page table: pgd table pfn:0x[0-9a-f]+ -> pud "
                              "table pfn:0x[0-9a-f]+ -> pmd table "
                              "pfn:0x[0-9a-f]+ -> pte page .*\n$"));
  });
}

TEST_P(PageWalkTest, DumpsAStretchALine) {
  AtTheCrash([](Task& task, const SigInfo&) {
    const std::string text = DumpPageTable(task.mm());
    EXPECT_THAT(text, ContainsRegex("^page table of (x86_64|aarch64), root "));
    EXPECT_THAT(text, ContainsRegex("\n000000400000-000000401000 +4K pte "));
    // Nobody touched the page of address 0.
    EXPECT_THAT(text, Not(HasSubstr("\n000000000000-")));
  });
}

class PeekTest : public ReportTest {};

TEST_P(PeekTest, StopsAtThePageThatIsNotThere) {
  AtTheCrash([](Task& task, const SigInfo&) {
    std::array<std::byte, 64> bytes{};
    EXPECT_EQ(PeekUser(task.mm(), kProgram, absl::MakeSpan(bytes)), 64u);
    EXPECT_EQ(bytes[1], std::byte{'E'});  // of "\177ELF"
    EXPECT_EQ(
        PeekUser(task.mm(), kProgram + 0x1000 - 16, absl::MakeSpan(bytes)),
        16u);
    EXPECT_EQ(PeekUser(task.mm(), 0, absl::MakeSpan(bytes)), 0u);
    EXPECT_EQ(PeekUser(task.mm(), ~uint64_t{0} - 3, absl::MakeSpan(bytes)), 0u);
  });
}

class RegisterTextTest : public ReportTest {};

TEST_P(RegisterTextTest, CodeThatIsNotThereIsSaid) {
  AtTheCrash([](Task& task, const SigInfo&) {
    EXPECT_EQ(InstructionAt(task, 0x1000), "0x1000: (no code there)");
  });
}

FAULTLINE_BOTH_ARCHITECTURES(PageWalkTest);
FAULTLINE_BOTH_ARCHITECTURES(PeekTest);
FAULTLINE_BOTH_ARCHITECTURES(RegisterTextTest);

TEST(RegisterFileTextTest, X86HasFourToALine) {
  x86::Registers regs{};
  regs.gpr[x86::kRax] = 0x1234;
  regs.rip = 0x400078;
  const std::string text = RegisterText(regs);
  EXPECT_THAT(text, StartsWith("    rax 0000000000001234     rcx "));
  EXPECT_THAT(text, HasSubstr("\n    rip 0000000000400078  rflags "));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 5);
}

TEST(RegisterFileTextTest, Arm64HasFourToALine) {
  arm64::Registers regs{};
  regs.x[30] = 0xabcd;
  regs.sp = 0x7000;
  const std::string text = RegisterText(regs);
  EXPECT_THAT(text, HasSubstr("    x30 000000000000abcd      sp "
                              "0000000000007000"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 9);
}

}  // namespace
}  // namespace faultline::os
