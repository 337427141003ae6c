#ifndef FAULTLINE_PLUGIN_CLI_SCRIPT_COMMAND_H_
#define FAULTLINE_PLUGIN_CLI_SCRIPT_COMMAND_H_

// faultline script FILE.lua [ARG...]: runs a script (docs/scripts.md).

#include <CLI/CLI.hpp>

#include "plugin/cli/script_run.h"

namespace faultline::cli {

class ScriptCommand {
 public:
  explicit ScriptCommand(CLI::App& app);

  bool chosen() const { return command_->parsed(); }
  // 0: everything held; 1: something was violated; 3: undecided; 2: an error in
  // the script, or no script.
  int Run() const;

 private:
  CLI::App* command_;
  ScriptRunOptions options_;
  bool api_ = false;
};

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_SCRIPT_COMMAND_H_
