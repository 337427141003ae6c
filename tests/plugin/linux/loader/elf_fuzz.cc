// Any bytes at all, given to the machine as its program: they are loaded or
// refused in one line, and nothing else happens. The first byte chooses the
// architecture. What loads is not run: syscall_fuzz.cc does that.

#include <memory>
#include <string>

#include "guest_mm/base/check.h"
#include "plugin/linux/console.h"
#include "plugin/linux/fs/vfs.h"
#include "plugin/linux/kernel.h"

namespace faultline::os {
namespace {

void LoadBytes(engine::Arch arch, absl::string_view bytes) {
  KernelOptions options;
  options.arch = arch;
  options.memory_bytes = 16ull << 20;
  MemoryConsole console;
  auto kernel = Kernel::Create(options, console);
  FL_CHECK(kernel.ok());
  FL_CHECK((*kernel)->vfs().WriteFile("/program", bytes, 0755).ok());
  Program program;
  program.path = "/program";
  program.argv = {"program", "argument"};
  program.envp = {"HOME=/"};
  absl::Status status = (*kernel)->Start(program);
  FL_CHECK(status.ok() || !status.message().empty());
  FL_CHECK((*kernel)->failure().ok());
}

}  // namespace
}  // namespace faultline::os

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using faultline::engine::Arch;
  if (size > 0) {
    faultline::os::LoadBytes(
        data[0] % 2 == 0 ? Arch::kX86 : Arch::kArm64,
        {reinterpret_cast<const char*>(data) + 1, size - 1});
  }
  return 0;
}
