// Any system calls with any arguments, by a program that runs: the machine
// answers each, or ends the program, and its memory adds up afterwards. The
// first byte chooses the architecture.

#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "guest_mm/base/check.h"
#include "guest_mm/mm/address_space.h"
#include "plugin/linux/console.h"
#include "plugin/linux/fs/vfs.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/observer.h"
#include "plugin/linux/task/task.h"
#include "plugin/linux/task/validate_memory.h"
#include "tests/plugin/linux/syscall/call_program.h"

namespace faultline::os {
namespace {

constexpr char kEnough[] = "enough calls";

// Ends runs in which forks of forks, or a program that executes itself, go on
// without end.
class Budget : public KernelObserver {
 public:
  void OnSyscallEnter(Task& task, uint64_t, const SyscallArgs&) override {
    if (++calls_ == kMaxCalls) {
      task.kernel().Fail(absl::ResourceExhaustedError(kEnough));
    }
  }

 private:
  static constexpr int kMaxCalls = 400;
  int calls_ = 0;
};

void RunCalls(engine::Arch arch, absl::string_view bytes) {
  KernelOptions options;
  options.arch = arch;
  options.memory_bytes = 16ull << 20;
  MemoryConsole console;
  Budget budget;
  auto kernel = Kernel::Create(options, console);
  FL_CHECK(kernel.ok());
  (*kernel)->set_observer(&budget);
  FL_CHECK((*kernel)
               ->vfs()
               .WriteFile("/program", CallProgram(arch, bytes), 0755)
               .ok());
  Program program;
  program.path = "/program";
  program.argv = {"program"};
  FL_CHECK((*kernel)->Start(program).ok());
  (*kernel)->Run();
  const absl::Status& failure = (*kernel)->failure();
  FL_CHECK(failure.ok() || failure.message() == kEnough);
  // Not after each step: forks of forks would take minutes.
  (void)ValidateMemory(**kernel, nullptr);
}

}  // namespace
}  // namespace faultline::os

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using faultline::engine::Arch;
  if (size > 0) {
    faultline::os::RunCalls(
        data[0] % 2 == 0 ? Arch::kX86 : Arch::kArm64,
        {reinterpret_cast<const char*>(data) + 1, size - 1});
  }
  return 0;
}
