#ifndef FAULTLINE_PLUGIN_INJECT_LEARNER_H_
#define FAULTLINE_PLUGIN_INJECT_LEARNER_H_

// Learner: one run of a sweep's machine in which somebody is asked at each
// passing that a rule means, and which tells its end.

#include <cstdint>
#include <functional>
#include <optional>

#include "absl/status/status.h"
#include "plugin/inject/injector.h"
#include "plugin/inject/sweep.h"
#include "plugin/inject/watched_run.h"

namespace faultline::inject {

class Learner {
 public:
  explicit Learner(const SweepSetup& setup);

  // Whether the nth passing that a rule means is chosen.
  using Chooses = std::function<bool(size_t rule, uint64_t nth)>;
  absl::Status AddRules(const Chooses& chooses);

  // Before Run(); from here on the limit counts.
  void Arm(uint64_t limit_ns);
  // Another limit, from the same beginning.
  void set_limit(uint64_t limit_ns) { run_->set_limit(limit_ns); }

  // To the end, once. Tells it to `to` (sweep_message.h) as that of
  // `*experiment`, and then that nothing was found wrong with it; -1: nobody.
  void Run(const int& to, const Experiment& experiment);

 private:
  const SweepSetup& setup_;
  Injector injector_;
  std::optional<WatchedRun> run_;
};

}  // namespace faultline::inject

#endif  // FAULTLINE_PLUGIN_INJECT_LEARNER_H_
