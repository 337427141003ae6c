#ifndef FAULTLINE_PLUGIN_CLI_SCRIPT_RUN_H_
#define FAULTLINE_PLUGIN_CLI_SCRIPT_RUN_H_

// A run of a script or of one of the lab's claims: its options, what it prints,
// and its tokens.

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "plugin/cli/trace_flags.h"
#include "plugin/explore/token.h"

namespace faultline::cli {

struct ScriptRunOptions {
  std::string file;   // of the host's; empty: the lab's `claim`
  std::string claim;  // "K3"
  std::string arch = "x86_64";
  std::string kernel;
  std::vector<std::string> behaviours;
  std::string search;  // explore::ParseSearch
  uint64_t seed = 0;
  std::vector<std::string> arguments;
  std::string replay;  // "NUMBER:SCHEDULE" of one of its explorations
  TraceFlags trace{};
};

// All but file, claim and arguments.
void AddScriptFlags(CLI::App& command, ScriptRunOptions& options);

// Runs it and prints what it has found. What happens outside of explore{} is
// traced; of a replay, that. kExitHeld, kExitViolated or
// kExitUndecided; InvalidArgument: there is no such script, or it has an error.
absl::StatusOr<int> RunScript(const ScriptRunOptions& options);

// The run that `token` is of; `command` is "script". kExitViolated, and told,
// if it has come out another way.
absl::StatusOr<int> ReplayScript(const explore::Token& token,
                                 const TraceFlags& trace);

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_SCRIPT_RUN_H_
