#ifndef FAULTLINE_PLUGIN_CLI_TRACE_FLAGS_H_
#define FAULTLINE_PLUGIN_CLI_TRACE_FLAGS_H_

// --trace FILE and what goes with it, of every command that runs something.

#include <CLI/CLI.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "plugin/trace/trace_writer.h"

namespace faultline::cli {

struct TraceFlags {
  std::string file{};  // empty: none
  std::string kinds = "usual";
  std::string format = "json";
};

void AddTraceFlags(CLI::App& command, TraceFlags& flags);

// InvalidArgument: there is no such kind of event.
absl::StatusOr<trace::TraceOptions> ParseTraceFlags(const TraceFlags& flags);

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_TRACE_FLAGS_H_
