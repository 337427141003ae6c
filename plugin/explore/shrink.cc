#include "plugin/explore/shrink.h"

#include <algorithm>
#include <utility>

namespace faultline::explore {
namespace {

// `turns` without those from `at` to `at` + `n`.
std::vector<Turn> Without(const std::vector<Turn>& turns, size_t at, size_t n) {
  std::vector<Turn> less;
  less.reserve(turns.size());
  for (size_t i = 0; i < turns.size(); ++i) {
    if (i < at || i >= at + n) {
      less.push_back(turns[i]);
    }
  }
  return less;
}

// Smaller: fewer preemptions, or as many and fewer turns.
bool IsSmaller(const std::vector<Turn>& a, const std::vector<Turn>& b) {
  return std::pair(Preemptions(a), a.size()) <
         std::pair(Preemptions(b), b.size());
}

}  // namespace

Shrunk Shrink(std::vector<Turn> turns, const EndsTheSame& same, int most_runs) {
  Shrunk result{std::move(turns)};
  std::vector<Turn>& best = result.turns;
  size_t part = best.size();
  bool again = false;  // something went since the parts were of this size
  for (size_t at = 0; part > 0 && !best.empty();) {
    if (at >= best.size()) {
      at = 0;
      if (!std::exchange(again, false)) {
        part = part == 1 ? 0 : std::max<size_t>(part / 2, 1);
      }
      part = std::min(part, best.size());
      continue;
    }
    if (result.runs == most_runs) {
      return result;
    }
    std::vector<Turn> less = Without(best, at, part);
    ++result.runs;
    if (same(less) && IsSmaller(less, best)) {
      best = std::move(less);
      again = true;
    } else {
      at += part;
    }
  }
  result.minimal = true;
  return result;
}

}  // namespace faultline::explore
