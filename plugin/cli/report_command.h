#ifndef FAULTLINE_PLUGIN_CLI_REPORT_COMMAND_H_
#define FAULTLINE_PLUGIN_CLI_REPORT_COMMAND_H_

// `faultline report TRACE [TRACE] -o page.html`: a page that shows a trace, or
// two side by side.

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace faultline::cli {

class ReportCommand {
 public:
  explicit ReportCommand(CLI::App& app);
  bool chosen() const { return command_->parsed(); }
  // kExitUsage if a trace makes no sense.
  int Run() const;

 private:
  absl::Status Write() const;

  CLI::App* command_;
  std::vector<std::string> traces_;
  std::string output_;
};

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_REPORT_COMMAND_H_
