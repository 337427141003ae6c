#ifndef FAULTLINE_PLUGIN_CLI_MANUAL_H_
#define FAULTLINE_PLUGIN_CLI_MANUAL_H_

// The manual page and what shells complete, made from the commands themselves:
// `faultline manual`, `faultline completion bash`, `faultline completion zsh`.

#include <CLI/CLI.hpp>
#include <string>

namespace faultline::cli {

// For man(1), in the macros of man(7).
std::string ManualPage(const CLI::App& app);

// To be sourced by a shell, or put where it looks for such files.
std::string BashCompletion(const CLI::App& app);
std::string ZshCompletion(const CLI::App& app);  // _faultline

void AddManualCommands(CLI::App& app);

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_MANUAL_H_
