#include "plugin/cli/trace_flags.h"

#include "absl/strings/str_cat.h"

namespace faultline::cli {

void AddTraceFlags(CLI::App& command, TraceFlags& flags) {
  command.add_option("--trace", flags.file,
                     "Write events to FILE (docs/trace.md), for example for "
                     "`faultline report`");
  command
      .add_option("--trace-kinds", flags.kinds,
                  "usual | all | KIND[,KIND...]: all is usual and every "
                  "schedule point, which has locks and waits")
      ->capture_default_str();
  command
      .add_option("--trace-format", flags.format,
                  "json: lines; perfetto: for ui.perfetto.dev")
      ->check(CLI::IsMember({"json", "perfetto"}))
      ->capture_default_str();
}

absl::StatusOr<trace::TraceOptions> ParseTraceFlags(const TraceFlags& flags) {
  const absl::StatusOr<uint32_t> kinds = trace::ParseKinds(flags.kinds);
  if (!kinds.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--trace-kinds: ", kinds.status().message()));
  }
  return trace::TraceOptions{.path = flags.file,
                             .format = flags.format == "perfetto"
                                           ? trace::TraceFormat::kPerfetto
                                           : trace::TraceFormat::kJson,
                             .kinds = *kinds};
}

}  // namespace faultline::cli
