#include "plugin/linux/task/validate_memory.h"

#include "gtest/gtest.h"
#include "plugin/linux/observer.h"
#include "tests/plugin/linux/kernel_fixture.h"

namespace faultline::os {
namespace {

// Does to the caller's memory manager what a bug would.
class Saboteur : public KernelObserver {
 public:
  explicit Saboteur(bool at_work) : at_work_(at_work) {}
  void OnSyscallExit(Task& task, uint64_t, const SyscallArgs&,
                     const SyscallResult&) override {
    if (at_work_) {
      task.mm().rss.anon += mm::PageCount(1);
    }
  }

 private:
  bool at_work_;
};

using ValidateMemoryTest = KernelTest;

TEST_P(ValidateMemoryTest, ACountThatIsWrongAfterACallEndsTheRun) {
  const std::string program =
      TinyProgram(GetParam()).Write(6).Exit(0).Build("hello\n");
  Saboteur idle(false), busy(true);
  kernel_->set_observer(&idle);
  EXPECT_EQ(Run(program).exit_status(), 0);
  kernel_->set_observer(&busy);
  EXPECT_DEATH((void)Run(program), "rss");
}

TEST_P(ValidateMemoryTest, WithNobodyInTheMiddleOfAnythingItLooks) {
  EXPECT_TRUE(ValidateMemory(*kernel_, nullptr));
}

FAULTLINE_BOTH_ARCHITECTURES(ValidateMemoryTest);

}  // namespace
}  // namespace faultline::os
