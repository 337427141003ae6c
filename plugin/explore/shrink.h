#ifndef FAULTLINE_PLUGIN_EXPLORE_SHRINK_H_
#define FAULTLINE_PLUGIN_EXPLORE_SHRINK_H_

// Shrink: of a schedule that ends in a certain way, a smaller one that does.
// Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input"
// (2002): halves of the turns are left out, then quarters, down to each by
// itself; every candidate is really run.

#include <functional>
#include <vector>

#include "plugin/explore/turns.h"

namespace faultline::explore {

struct Shrunk {
  std::vector<Turn> turns;
  int runs = 0;  // how many candidates were tried
  // No turn can be left out by itself; false: `most_runs` was not enough.
  bool minimal = false;
};

// Whether the run with these turns ends the same way. If so, it puts the turns
// in their place that were really taken: some may have come to nothing.
using EndsTheSame = std::function<bool(std::vector<Turn>& turns)>;

// `turns` itself is known to.
Shrunk Shrink(std::vector<Turn> turns, const EndsTheSame& same, int most_runs);

}  // namespace faultline::explore

#endif  // FAULTLINE_PLUGIN_EXPLORE_SHRINK_H_
