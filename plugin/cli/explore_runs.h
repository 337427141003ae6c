#ifndef FAULTLINE_PLUGIN_CLI_EXPLORE_RUNS_H_
#define FAULTLINE_PLUGIN_CLI_EXPLORE_RUNS_H_

// ExploreRuns: runs of a machine whose program is loaded and has not run, each
// in a copy of this process, from there to its end.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "plugin/cli/explore_ending.h"
#include "plugin/cli/machine.h"
#include "plugin/cli/run_options.h"
#include "plugin/explore/forking_strategy.h"
#include "plugin/inject/capture_console.h"

namespace faultline::cli {

class ExploreRuns {
 public:
  struct Setup {
    Machine& machine;  // made from the options, its trace paused
    const RunOptions& options;
    explore::ForkingStrategy& strategy;     // the machine's
    const inject::CaptureConsole& console;  // the machine's
    uint64_t limit_ns = 0;  // of virtual time, for each run; not 0
  };
  explicit ExploreRuns(const Setup& setup) : setup_(setup) {}
  void set_limit_ns(uint64_t limit_ns) { setup_.limit_ns = limit_ns; }
  uint64_t limit_ns() const { return setup_.limit_ns; }

  // What is injected, beside what the options say.
  using Injects = std::vector<std::string>;
  enum class Tell : bool { kNo, kYes };  // the story, and the trace's hash
  // One run. Internal: the host has no room for a copy. InvalidArgument: a rule
  // makes no sense.
  absl::StatusOr<Ending> Run(std::unique_ptr<mm::Strategy> strategy,
                             const Injects& injects, Tell tell = Tell::kNo);
  // One for each schedule within the limits, and `each` for its end. True if
  // there are more than the limit.
  absl::StatusOr<bool> RunAll(const explore::ForkingStrategy::Limits& limits,
                              const Injects& injects,
                              const std::function<void(Ending)>& each);

 private:
  Setup setup_;
};

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_EXPLORE_RUNS_H_
