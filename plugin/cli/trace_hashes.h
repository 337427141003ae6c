#ifndef FAULTLINE_PLUGIN_CLI_TRACE_HASHES_H_
#define FAULTLINE_PLUGIN_CLI_TRACE_HASHES_H_

// What the traces of runs that differ in their injections come to, for tokens
// (explore/token.h).

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "plugin/cli/machine.h"
#include "plugin/cli/run_options.h"
#include "plugin/rewind/arena.h"

namespace faultline::cli {

// Each run is what `faultline run` with these options is, and the machine, with
// a trace that is paused, was made by such. It is not changed: runs are made in
// a copy of the process, and where that dies, in one each. Nothing for a run
// that cannot be made. `arena`: in which the machine lies; null: none.
std::vector<std::optional<uint64_t>> TraceHashes(
    Machine& machine, rewind::Arena* arena, absl::Span<const RunOptions> runs);

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_TRACE_HASHES_H_
