#ifndef FAULTLINE_PLUGIN_CLI_RUN_COMMAND_H_
#define FAULTLINE_PLUGIN_CLI_RUN_COMMAND_H_

// `faultline run`: one program from start to end.
// Exit status: the guest's; 128 + signal if one killed it; 124 if --time-limit
// ended it; 125 if we failed; 2 for a command line that makes no sense.

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "plugin/cli/debugged_run.h"
#include "plugin/cli/run_options.h"
#include "plugin/linux/console.h"

namespace faultline::cli {

class RunCommand {
 public:
  explicit RunCommand(CLI::App& app);
  // Whether the command line names this command.
  bool chosen() const { return command_->parsed(); }
  int Run();
  const CLI::App& command() const { return *command_; }

 private:
  CLI::App* command_;
  RunOptions options_;
};

// What of a run is printed.
void AddPrintFlags(CLI::App& command, RunOptions& options);

// Runs it, and prints what the options ask for: the exit status, or why there
// is none. `trace_hash`, if not null, gets that of the run. A debugged run is
// of many processes: `debugged` is to end with the status that the user is to
// see.
absl::StatusOr<int> RunProgram(const RunOptions& options, os::Console& console,
                               std::optional<uint64_t>* trace_hash,
                               DebuggedRun& debugged);

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_RUN_COMMAND_H_
