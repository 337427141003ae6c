#ifndef FAULTLINE_PLUGIN_CLI_EXPLORE_COMMAND_H_
#define FAULTLINE_PLUGIN_CLI_EXPLORE_COMMAND_H_

// faultline explore PROGRAM | SCRIPT.lua [ARG...]: every order of events up to
// a bound, or samples of them. A script's explore{} says what is explored; of a
// program, all of its run.

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "plugin/cli/run_options.h"

namespace faultline::cli {

class ExploreCommand {
 public:
  explicit ExploreCommand(CLI::App& app);
  bool chosen() const { return command_->parsed(); }
  // 0: nothing differs, all held; 1: something was violated, or ends otherwise;
  // 3: there are more schedules than the limit.
  int Run();

 private:
  absl::StatusOr<int> Explore();

  CLI::App* command_;
  RunOptions options_;
  std::string strategy_;
  int bound_ = -1;
  uint64_t limit_ = 1000;
  std::vector<std::string> with_injects_;
};

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_EXPLORE_COMMAND_H_
