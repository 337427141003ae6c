#ifndef FAULTLINE_PLUGIN_CLI_SITES_COMMAND_H_
#define FAULTLINE_PLUGIN_CLI_SITES_COMMAND_H_

#include <CLI/CLI.hpp>

namespace faultline::cli {

// `faultline sites`: what can be made to fail or happen, and where.
void AddSitesCommand(CLI::App& app);

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_SITES_COMMAND_H_
