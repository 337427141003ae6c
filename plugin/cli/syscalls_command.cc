#include "plugin/cli/syscalls_command.h"

#include <cstdio>
#include <string>

#include "plugin/linux/syscall/syscall_table.h"

namespace faultline::cli {

void AddSyscallsCommand(CLI::App& app) {
  app.add_subcommand("syscalls", "List the system calls, as docs/syscalls.md")
      ->callback([] { std::fputs(os::RenderSyscallDocs().c_str(), stdout); });
}

}  // namespace faultline::cli
