#ifndef FAULTLINE_PLUGIN_CLI_BEHAVIOURS_COMMAND_H_
#define FAULTLINE_PLUGIN_CLI_BEHAVIOURS_COMMAND_H_

// `faultline behaviours`: the rules in which versions of Linux differ;
// docs/behaviours.md is what --markdown prints.

#include <CLI/CLI.hpp>

namespace faultline::cli {

// Adds the command; it runs when `app` has parsed it.
void AddBehavioursCommand(CLI::App& app);

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_BEHAVIOURS_COMMAND_H_
