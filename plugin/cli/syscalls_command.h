#ifndef FAULTLINE_PLUGIN_CLI_SYSCALLS_COMMAND_H_
#define FAULTLINE_PLUGIN_CLI_SYSCALLS_COMMAND_H_

// `faultline syscalls`: which system calls a guest can make, as Markdown;
// docs/syscalls.md is its output.

#include <CLI/CLI.hpp>

namespace faultline::cli {

// Adds the command; it runs when `app` has parsed it.
void AddSyscallsCommand(CLI::App& app);

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_SYSCALLS_COMMAND_H_
