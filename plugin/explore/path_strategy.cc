#include "plugin/explore/path_strategy.h"

#include <algorithm>
#include <utility>

namespace faultline::explore {

Decision DecisionOf(const mm::Choice& choice, size_t chosen) {
  Decision d{.options = uint16_t(choice.runnable.size()),
             .chosen = uint16_t(chosen)};
  if (choice.current != nullptr) {
    d.current = uint16_t(std::find(choice.runnable.begin(),
                                   choice.runnable.end(), choice.current) -
                         choice.runnable.begin());
  }
  return d;
}

size_t PathStrategy::Choose(const mm::Choice& choice) {
  if (at_ < length_) {
    Decision& d = decisions_[at_++];
    const uint16_t chosen = d.chosen;
    if (chosen < choice.runnable.size()) {
      d = DecisionOf(choice, chosen);
      return chosen;
    }
    // Another scenario than the one it was recorded from.
    length_ = --at_;
    decisions_.resize(length_);
  }
  const size_t chosen = mm::RoundRobinChoice(choice);
  decisions_.push_back(DecisionOf(choice, chosen));
  ++at_;
  return chosen;
}

}  // namespace faultline::explore
