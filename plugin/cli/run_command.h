#ifndef FAULTLINE_PLUGIN_CLI_RUN_COMMAND_H_
#define FAULTLINE_PLUGIN_CLI_RUN_COMMAND_H_

// `faultline run`: one program from start to end.
// Exit status: the guest's; 128 + signal if one killed it; 125 if we failed;
// 2 for a command line that makes no sense.

#include <CLI/CLI.hpp>

#include "absl/status/statusor.h"
#include "plugin/cli/run_options.h"

namespace faultline::cli {

class RunCommand {
 public:
  explicit RunCommand(CLI::App& app);
  // Whether the command line names this command.
  bool chosen() const { return command_->parsed(); }
  int Run();

 private:
  // The guest's exit status, or why there is none.
  absl::StatusOr<int> RunProgram() const;

  CLI::App* command_;
  RunOptions options_;
};

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_RUN_COMMAND_H_
