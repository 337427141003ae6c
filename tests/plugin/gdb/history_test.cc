// Copies end by _exit(), so all of it is done in a process of its own.
#include "plugin/gdb/history.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace faultline::gdb {
namespace {

// Runs to 9, goes back to what it was at 5, and from there to the start; what
// the machine has counted by then tells where it came from.
void GoBackTwice() {
  History history;
  Plan plan;
  uint64_t counted = 0;
  if (history.Begin({1, 0, 0}, &plan) == History::Who::kAnother) {
    history.End(int(10 * plan.to.pc + counted));
  }
  for (uint64_t i = 2; i < 10; ++i) {
    ++counted;
    if (i == 5 && history.Take({i, 0, 0}, &plan) == History::Who::kAnother) {
      Plan next;
      next.to.pc = plan.to.pc + counted;
      history.GoBack({4, 0, 0}, next);
    }
  }
  plan.to.pc = 7;
  history.GoBack({9, 0, 0}, plan);
}

TEST(HistoryTest, CopiesGoOnFromWhereTheyWereTaken) {
  const pid_t child = fork();
  if (child == 0) {
    GoBackTwice();
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 110);
}

TEST(HistoryTest, AMachineThatIsLostIsAFailure) {
  const pid_t child = fork();
  if (child == 0) {
    History history;
    Plan plan;
    (void)history.Begin({1, 0, 0}, &plan);
    _exit(0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 125);
}

}  // namespace
}  // namespace faultline::gdb
