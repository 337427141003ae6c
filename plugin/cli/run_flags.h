#ifndef FAULTLINE_PLUGIN_CLI_RUN_FLAGS_H_
#define FAULTLINE_PLUGIN_CLI_RUN_FLAGS_H_

// The options that make a run, for every command that makes one.

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "plugin/cli/run_options.h"

namespace faultline::cli {

// The options that a run is a function of. They end at the program's name.
void AddRunFlags(CLI::App& command, RunOptions& options);

// What follows the options: the program and its arguments. InvalidArgument:
// there is none, or it looks like an option.
absl::Status TakeCommand(const CLI::App& command, const std::string& name,
                         RunOptions& options);

// The words of a command line that make the same options, in a fixed order and
// without what is as by default; and back. What prints is not among them.
// InvalidArgument: not such words.
std::vector<std::string> RunWords(const RunOptions& options);
absl::StatusOr<RunOptions> ParseRunWords(const std::vector<std::string>& words);

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_RUN_FLAGS_H_
