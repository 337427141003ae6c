#ifndef FAULTLINE_PLUGIN_CLI_MERGE_COMMAND_H_
#define FAULTLINE_PLUGIN_CLI_MERGE_COMMAND_H_

// `faultline merge`: the shards of a sweep as one.

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "plugin/cli/sweep_output.h"

namespace faultline::cli {

class MergeCommand {
 public:
  explicit MergeCommand(CLI::App& app);
  bool chosen() const { return command_->parsed(); }
  // As `faultline sweep`'s; 3 too if a shard is missing.
  int Run() const;

 private:
  absl::StatusOr<int> Merge() const;

  CLI::App* command_;
  std::vector<std::string> paths_;
  SweepFiles files_;
};

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_MERGE_COMMAND_H_
