#ifndef FAULTLINE_PLUGIN_CLI_LAB_COMMAND_H_
#define FAULTLINE_PLUGIN_CLI_LAB_COMMAND_H_

// faultline lab [list | run NAME... | run all | show NAME]: the experiments of
// plugin/lab, each with its table and verdict.

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
  int Show() const;

  CLI::App* lab_;
  CLI::App* run_;
  CLI::App* show_;
  std::vector<std::string> names_;
  std::string arch_;
  bool witnesses_ = false;
  bool markdown_ = false;
};

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_LAB_COMMAND_H_
