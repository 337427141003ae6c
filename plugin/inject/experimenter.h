#ifndef FAULTLINE_PLUGIN_INJECT_EXPERIMENTER_H_
#define FAULTLINE_PLUGIN_INJECT_EXPERIMENTER_H_

// Experimenter: the process that makes a sweep's experiments. It runs the
// machine without injections once more and stops at passings that are planned.
// At the first of them it leaves a copy of itself behind (fork), goes on, and
// leaves the next copy after a number of them, a batch. The copy has the
// passing at which it was made fail, runs on to the end, puts itself back to
// the passing (rewind/timeline.h), goes on to the next one, and so on through
// its batch. So what lies before a passing is run once, code is translated
// once, and a process is made once for a batch.
//
// A copy that dies leaves the rest of its batch unmade: whoever called makes
// another Experimenter for that.

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <set>

#include "plugin/inject/learner.h"
#include "plugin/inject/sweep.h"
#include "plugin/rewind/timeline.h"

namespace faultline::inject {

class Experimenter {
 public:
  // Messages go to `to_parent`. `batch`: experiments in a copy, at most; 1 if
  // the setup has no arena. The others outlive it.
  Experimenter(const SweepSetup& setup, const Learned& learned,
               const std::set<Experiment>& plan, uint64_t batch, int to_parent);
  ~Experimenter();

  void Run();

 private:
  struct Shared;  // with the copies

  bool Chooses(const Experiment& e);
  void WarmUp();
  // Makes a copy; true in it.
  bool MakeCopy(const Experiment& first);
  [[noreturn]] void RunBatch();
  void Reap();
  void TellNoRoom(const Experiment& e, int error);

  const SweepSetup& setup_;
  const Learned& learned_;
  const std::set<Experiment>& plan_;
  const uint64_t batch_;
  const int to_parent_;
  int report_to_ = -1;
  std::unique_ptr<Learner> learner_;  // in the arena
  std::unique_ptr<rewind::Timeline> timeline_;

  // How the run is answered, and what it asked last.
  bool asks_ = false;
  bool fails_ = false;
  Experiment asked_;

  Shared* shared_ = nullptr;
  std::map<pid_t, size_t> copies_;  // to their places in *shared_
  std::set<size_t> free_places_;
  size_t place_ = 0;  // of this copy
};

}  // namespace faultline::inject

#endif  // FAULTLINE_PLUGIN_INJECT_EXPERIMENTER_H_
