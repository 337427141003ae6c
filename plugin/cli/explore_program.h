#ifndef FAULTLINE_PLUGIN_CLI_EXPLORE_PROGRAM_H_
#define FAULTLINE_PLUGIN_CLI_EXPLORE_PROGRAM_H_

// `faultline explore PROGRAM`: the program under every schedule with at most so
// many preemptions (explore/forking_strategy.h), or under samples, with or
// without one thing made to fail, and how it ends: a line for each way, and for
// each that is a violation the smallest schedule that could be found, step by
// step, with a token.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "plugin/cli/run_options.h"
#include "plugin/explore/search.h"

namespace faultline::cli {

struct ExploreProgramOptions {
  RunOptions run{};  // its schedule is not asked for
  explore::SearchPlan plan{};
  uint64_t limit = 1000;  // runs of one exhaustive search
  // As for a sweep: each passing of each site is one injection, with which all
  // is explored once more.
  std::vector<std::string> with_injects{};
};

// kExitHeld: all schedules end as the first one does, and nothing that was
// injected breaks anything. kExitViolated: not so. kExitUndecided: so far it
// is, but there are more. Otherwise as Machine::Make().
absl::StatusOr<int> ExploreProgram(const ExploreProgramOptions& options);

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_EXPLORE_PROGRAM_H_
