#ifndef FAULTLINE_PLUGIN_CLI_LAB_COMMAND_H_
#define FAULTLINE_PLUGIN_CLI_LAB_COMMAND_H_

// faultline lab [list | run NAME... | run all]: the experiments of plugin/lab,
// each with its table and verdict.

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace faultline::cli {

class LabCommand {
 public:
  explicit LabCommand(CLI::App& app);

  bool chosen() const { return lab_->parsed(); }
  // 0: every claim held; 1: one was violated; 3: one was undecided; 2: there is
  // no such experiment.
  int Run() const;

 private:
  CLI::App* lab_;
  CLI::App* run_;
  std::vector<std::string> names_;
  std::string arch_;
};

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_LAB_COMMAND_H_
