#ifndef FAULTLINE_PLUGIN_CLI_SWEEP_COMMAND_H_
#define FAULTLINE_PLUGIN_CLI_SWEEP_COMMAND_H_

// `faultline sweep`: an experiment for each passing of each site
// (plugin/inject/sweep.h). Exit status: 0 nothing was violated, 1 something
// was, 3 some experiments were not made.

#include <CLI/CLI.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "plugin/cli/run_options.h"
#include "plugin/cli/sweep_output.h"

namespace faultline::cli {

class SweepCommand {
 public:
  explicit SweepCommand(CLI::App& app);
  bool chosen() const { return command_->parsed(); }
  int Run();

 private:
  absl::StatusOr<int> Sweep();

  CLI::App* command_;
  RunOptions options_;
  SweepFiles files_;
  int jobs_ = 1;
  std::string shard_ = "1/1";
};

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_SWEEP_COMMAND_H_
