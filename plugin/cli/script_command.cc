#include "plugin/cli/script_command.h"

#include <cstdio>

#include "plugin/cli/exit_status.h"
#include "plugin/script/interpreter.h"

namespace faultline::cli {

ScriptCommand::ScriptCommand(CLI::App& app) {
  command_ = app.add_subcommand("script", "Run an experiment written in Lua");
  command_->add_option("FILE", options_.file, "The script (docs/scripts.md)");
  command_->add_option("ARG", options_.arguments,
                       "The table `arguments` of the script");
  AddScriptFlags(*command_, options_);
  AddTraceFlags(*command_, options_.trace);
  command_->add_flag("--api", api_, "Print what scripts can call, and end");
}

int ScriptCommand::Run() const {
  if (api_) {
    std::fputs(script::RenderApi().c_str(), stdout);
    return kExitHeld;
  }
  if (options_.file.empty()) {
    return Complain(absl::InvalidArgumentError("script: no script named"));
  }
  const absl::StatusOr<int> status = RunScript(options_);
  return status.ok() ? *status : Complain(status.status());
}

}  // namespace faultline::cli
