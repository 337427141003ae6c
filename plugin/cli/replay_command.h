#ifndef FAULTLINE_PLUGIN_CLI_REPLAY_COMMAND_H_
#define FAULTLINE_PLUGIN_CLI_REPLAY_COMMAND_H_

// `faultline replay TOKEN`: has a run again, and says whether it is the same.

#include <CLI/CLI.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "plugin/cli/debugged_run.h"
#include "plugin/cli/run_options.h"

namespace faultline::cli {

class ReplayCommand {
 public:
  explicit ReplayCommand(CLI::App& app);
  bool chosen() const { return command_->parsed(); }
  // The program's exit status, as `faultline run`; 1 if the run is not the one
  // that the token was made of.
  int Run();

 private:
  absl::StatusOr<int> Replay(DebuggedRun& debugged);

  CLI::App* command_;
  RunOptions printing_;  // what is printed of it; the rest is the token's
  std::string token_;
};

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_REPLAY_COMMAND_H_
