#ifndef FAULTLINE_PLUGIN_SCRIPT_EXPLORATION_H_
#define FAULTLINE_PLUGIN_SCRIPT_EXPLORATION_H_

// Exploration: one scenario of a script's, run under many schedules: what came
// out of them, how often, and a schedule for each.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "plugin/explore/search.h"
#include "plugin/script/world.h"

namespace faultline::script {

class Script;

// How one run ended.
struct RunEnd {
  std::string problem;  // "" if nothing was wrong
  std::string outcome;  // what the script said of it
  std::vector<World::Step> steps;
  std::string schedule;  // with steps: a token (mm::MakeReplay)
};

// How a scenario is to be run.
struct RunRequest {
  mm::Strategy& strategy;
  mm::Footprint* footprint = nullptr;  // told what the actors touch
  bool keep_steps = false;
  bool traced = false;  // if the script has a trace, this run is in it
};

// Something that came out, and the first schedule that brought it about: the
// one with the fewest preemptions if the search is exhaustive. If it is by
// chance, the schedule is made smaller (explore/shrink.h), and `decisions` is
// what it was.
struct Finding {
  uint64_t count = 0;
  uint64_t first = 0;  // after how many schedules
  unsigned preemptions = 0;
  std::vector<explore::Decision> decisions;
  std::string schedule;
  std::string story;
  std::string token;
};

struct Explored {
  uint64_t schedules = 0;
  bool complete = false;  // all there are within the bound
  std::map<std::string, Finding> outcomes;
  std::map<std::string, Finding> problems;
};

struct ExploreOptions {
  uint64_t limit = 1'000'000;  // schedules
  bool all = false;            // goes on after a problem
};

// Runs the scenario once.
using RunScenario = std::function<RunEnd(const RunRequest& request)>;

Explored Explore(explore::Search& search, const ExploreOptions& options,
                 const RunScenario& run);

// How many schedules, and what came out of how many of them, each with its
// token if it has one.
std::string RenderHistogram(const Explored& explored);

// The steps of a run, a column for each actor.
std::string RenderStory(const std::vector<World::Step>& steps);

}  // namespace faultline::script

#endif  // FAULTLINE_PLUGIN_SCRIPT_EXPLORATION_H_
