#ifndef FAULTLINE_PLUGIN_INJECT_SWEEP_H_
#define FAULTLINE_PLUGIN_INJECT_SWEEP_H_

// Sweep: one experiment for each passing of each site that a run comes to, in
// which that passing, and no other, fails (or has an event).
//
// It works on a machine whose program is loaded and has not run, in copies of
// this process (fork):
//
//   1. A learner runs without injections. It counts the passings and says how
//      the run ends: the baseline.
//   2. A second one runs the same way, and at each passing that is to be an
//      experiment has it fail there, in a copy, and put back after it
//      (experimenter.h). So what lies before a passing is run once, not once
//      for each experiment; the run is deterministic, so the experiment is what
//      a run from the start with `:nth=N` would be (replay tokens are of those,
//      and say so by their trace's hash).
//
// Copies run side by side, up to `jobs`. Each is bounded in virtual time, and
// by the host's clock in case the machine itself hangs. Nothing that happens to
// a copy ends the sweep.

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "plugin/inject/capture_console.h"
#include "plugin/inject/rule.h"
#include "plugin/linux/kernel.h"
#include "plugin/rewind/arena.h"

namespace faultline::inject {

// How an experiment ended, compared with the baseline.
enum class End : uint8_t {
  kSame,        // the same exit status and output
  kCleanError,  // it exited with an error
  kSignal,      // a signal killed it
  kSilent,      // it says that all is well, and its output differs
  kHang,        // it did not end in time
  kLivelock,    // it did not, and is where it was before
  kInvariant,   // the memory manager's books do not agree any more
  kCrash,       // Faultline died
};
inline constexpr int kEnds = 8;
const char* ToString(End end);  // "same", "clean-error", ...
// Whether it is the fault of the program, or of the kernel below it.
bool IsViolation(End end);

// A run's end, as far as a user of the program sees it.
struct RunEnd {
  bool killed = false;
  int code = 0;         // exit status, or the signal
  uint64_t output = 0;  // hash of what it wrote
  uint64_t virtual_ns = 0;
};

struct Experiment {
  size_t rule = 0;
  uint64_t nth = 0;
  friend auto operator<=>(const Experiment&, const Experiment&) = default;
};

struct Result {
  Experiment experiment;
  End end = End::kSame;
  RunEnd run;
  std::string detail;  // "deadlock", "killed by SIGABRT"; mostly empty
};

struct SweepSetup {
  os::Kernel& kernel;
  CaptureConsole& console;  // the kernel's
  std::string program;      // the host's file, for `pc=`
  // Each of one site, without nth, every or p.
  std::vector<Rule> rules;
  int jobs = 1;
  uint64_t seed = 0;
  uint64_t learn_limit_ns = 0;  // of virtual time; not 0
  // In which the machine, the console included, was made; null: each experiment
  // is a copy of the process of its own.
  rewind::Arena* arena = nullptr;
};

// What a learner found.
struct Learned {
  RunEnd baseline;
  std::vector<uint64_t> passings;  // of each rule
  uint64_t limit_ns = 0;           // for an experiment
};

class Sweep {
 public:
  explicit Sweep(SweepSetup setup) : setup_(std::move(setup)) {}

  // InvalidArgument: a rule makes no sense. FailedPrecondition: without
  // injections the program does not end, or breaks an invariant. Internal: the
  // host has no room for a copy.
  absl::StatusOr<Learned> Learn();

  // Makes the experiments of `plan`, calling `done` for each as it ends, in
  // any order. Internal: the host has no room, or the learner died; then some
  // are missing.
  absl::Status Run(const Learned& learned, const std::set<Experiment>& plan,
                   const std::function<void(const Result&)>& done);

 private:
  // Takes what was made out of `left`.
  absl::Status RunPass(const Learned& learned, uint64_t batch,
                       std::set<Experiment>& left, std::string& trouble,
                       const std::function<void(const Result&)>& done);

  SweepSetup setup_;
};

// The rules of a sweep that `texts` (each one or more, with commas between)
// ask for: each site by itself. InvalidArgument.
absl::StatusOr<std::vector<Rule>> SweepRules(
    const std::vector<std::string>& texts);

// `rule` for one passing.
Rule ForPassing(Rule rule, uint64_t nth);

}  // namespace faultline::inject

#endif  // FAULTLINE_PLUGIN_INJECT_SWEEP_H_
