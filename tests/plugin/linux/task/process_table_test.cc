#include "plugin/linux/task/process_table.h"

#include <gtest/gtest.h>

#include <optional>

#include "tests/plugin/linux/kernel_fixture.h"

namespace faultline::os {
namespace {

TEST(ProcessTableTest, AReservedIdIsNobodyElses) {
  ProcessTable table;
  auto first = table.Reserve(150);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->id(), 150);
  const auto second = table.Reserve(150);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error(), Errno::kEEXIST);
}

TEST(ProcessTableTest, TheNextIdStepsOverAReservedOne) {
  ProcessTable table;
  const auto wanted = table.Reserve(table.last_pid() + 1);
  ASSERT_TRUE(wanted.ok());
  const auto next = table.Reserve();
  ASSERT_TRUE(next.ok());
  EXPECT_EQ(next->id(), wanted->id() + 1);
}

TEST(ProcessTableTest, AnIdNotUsedIsFreeAgain) {
  ProcessTable table;
  { const auto given_up = table.Reserve(150); }
  EXPECT_TRUE(table.Reserve(150).ok());
}

TEST(ProcessTableTest, IdsThatNoProcessCanHaveAreRefused) {
  ProcessTable table;
  EXPECT_EQ(table.Reserve(-1).error(), Errno::kEINVAL);
  EXPECT_EQ(table.Reserve(ProcessTable::kPidMax).error(), Errno::kEINVAL);
  EXPECT_EQ(table.Reserve(1).error(), Errno::kEEXIST);
}

class ProcessTableInAMachineTest : public KernelTest {};

TEST_P(ProcessTableInAMachineTest, APidInUseIsRefusedAndNeverOverwritten) {
  ProcessTable table;
  const auto process = std::make_shared<Process>(*kernel_, 150);
  process->pgid = 151;
  table.Add(process);
  EXPECT_EQ(table.Reserve(150).error(), Errno::kEEXIST);
  EXPECT_EQ(table.Reserve(151).error(), Errno::kEEXIST);  // a group's
  EXPECT_DEATH(table.Add(std::make_shared<Process>(*kernel_, 150)), "");
}

FAULTLINE_BOTH_ARCHITECTURES(ProcessTableInAMachineTest);

}  // namespace
}  // namespace faultline::os
