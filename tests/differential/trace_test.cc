// What the driver makes of the program's output and of the list of masks.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/differential/driver/masks.h"
#include "tests/differential/driver/reproducer.h"
#include "tests/differential/driver/side.h"

namespace faultline::differential {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(SplitCasesTest, CutsAtEachCaseAndLeavesMissingOnesEmpty) {
  std::vector<Trace> traces = SplitCases("case 1\na\nb\ncase 2\nc\n", 3);
  EXPECT_THAT(traces,
              ElementsAre(ElementsAre("a", "b"), ElementsAre("c"), IsEmpty()));
}

TEST(FirstDifferenceTest, IsALineThatDiffersOrIsMissing) {
  EXPECT_EQ(FirstDifference({"a", "b"}, {"a", "b"}), kSame);
  EXPECT_EQ(FirstDifference({"a", "b"}, {"a", "c"}), 1u);
  EXPECT_EQ(FirstDifference({"a"}, {"a", "c"}), 1u);
  EXPECT_EQ(FirstDifference({"a"}, {}), 0u);
}

TEST(CompleteTest, IsATraceWithItsEnd) {
  EXPECT_TRUE(Complete({"1 0 Load(A) = 0x0 #12", "end 1 #3", "end 0 #4"}));
  EXPECT_FALSE(Complete({"1 0 Load(A) = 0x0 #12", "end 1 #3"}));
  EXPECT_FALSE(Complete({}));
}

TEST(StatementTest, MakesSystemCallsExplicitAndKeepsFunctions) {
  EXPECT_EQ(Statement("7 0 munmap(A + 0x1000, 0x2000) = 0x0 #12"),
            "STEP(7, 0, syscall(SYS_munmap, A + 0x1000, 0x2000))");
  EXPECT_EQ(Statement("8 2 munlockall() = 0x0 #12"),
            "STEP(8, 2, syscall(SYS_munlockall))");
  EXPECT_EQ(Statement("9 1 Load(A) = SIGSEGV code 1 at A #12"),
            "STEP(9, 1, Load(A))");
  EXPECT_EQ(Statement("end 0 #12"), "");
}

TEST(MasksForTest, TakesRowsThatApplyToTheRelease) {
  constexpr char kTable[] =
      "| mask | when | why |\n|---|---|---|\n| `one` | always | x |\n"
      "| `two` | since 6.14 | y |\n| `three` | before 6.14 | z |\n";
  EXPECT_THAT(MasksFor(kTable, "6.18.44-x"), ElementsAre("one", "two"));
  EXPECT_THAT(MasksFor(kTable, "6.9"), ElementsAre("one", "three"));
}

}  // namespace
}  // namespace faultline::differential
