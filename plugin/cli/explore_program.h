#ifndef FAULTLINE_PLUGIN_CLI_EXPLORE_PROGRAM_H_
#define FAULTLINE_PLUGIN_CLI_EXPLORE_PROGRAM_H_

// `faultline explore PROGRAM`: the program under every schedule with at most so
// many preemptions (explore/forking_strategy.h), or under samples, and how it
// ends: a line for each way, with a token for the first schedule of it.

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "plugin/cli/run_options.h"

namespace faultline::cli {

struct ExploreProgramOptions {
  RunOptions run;  // its schedule is not asked for
  unsigned preemptions = 1;
  uint64_t limit = 1000;  // runs
};

// kExitHeld: all schedules end as the first one does. kExitViolated: some end
// otherwise, or break something. kExitUndecided: so far they do, but there are
// more. Otherwise as Machine::Make().
absl::StatusOr<int> ExploreProgram(const ExploreProgramOptions& options);

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_EXPLORE_PROGRAM_H_
