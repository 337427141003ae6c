#include "tests/differential/driver/shrink.h"

#include <algorithm>
#include <cstddef>

namespace faultline::differential {
namespace {

// `steps` without those at [from, from + size).
Steps Without(const Steps& steps, size_t from, size_t size) {
  Steps rest(steps.begin(), steps.begin() + static_cast<ptrdiff_t>(from));
  size_t end = std::min(from + size, steps.size());
  rest.insert(rest.end(), steps.begin() + static_cast<ptrdiff_t>(end),
              steps.end());
  return rest;
}

}  // namespace

Steps Shrink(Steps steps, const DiffersBatch& differs) {
  size_t piece = steps.size() / 2;
  while (piece > 0 && steps.size() > 1) {
    std::vector<Steps> candidates;
    for (size_t from = 0; from < steps.size(); from += piece) {
      candidates.push_back(Without(steps, from, piece));
    }
    std::vector<bool> results = differs(candidates);
    auto found = std::find(results.begin(), results.end(), true);
    if (found != results.end()) {
      steps = candidates[static_cast<size_t>(found - results.begin())];
      piece = std::min(piece, std::max<size_t>(1, steps.size() / 2));
    } else if (piece == 1) {
      break;
    } else {
      piece = piece / 2;
    }
  }
  return steps;
}

}  // namespace faultline::differential
