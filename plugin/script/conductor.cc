#include "plugin/script/conductor.h"

#include <algorithm>

#include "guest_mm/sync/actor.h"

namespace faultline::script {

bool Conductor::KeptBack(const mm::Choice& choice, uint32_t actor) {
  const auto it = paused_.find(actor);
  if (it == paused_.end()) {
    return false;
  }
  const uint32_t other = it->second;
  if (other == kNobody ||
      std::any_of(choice.runnable.begin(), choice.runnable.end(),
                  [&](const mm::Actor* a) { return a->id() == other; })) {
    return true;
  }
  paused_.erase(it);
  return false;
}

size_t Conductor::Choose(const mm::Choice& choice) {
  if (paused_.empty()) {
    return inner_ != nullptr ? inner_->Choose(choice)
                             : mm::RoundRobinChoice(choice);
  }
  free_.clear();
  for (mm::Actor* const actor : choice.runnable) {
    if (!KeptBack(choice, actor->id())) {
      free_.push_back(actor);
    }
  }
  if (free_.empty()) {  // nobody else can: the longest paused goes on
    free_.assign(choice.runnable.begin(), choice.runnable.end());
  }
  mm::Choice among = choice;
  among.runnable = free_;
  if (std::find(free_.begin(), free_.end(), choice.current) == free_.end()) {
    among.current = nullptr;
  }
  size_t index = 0;
  if (free_.size() > 1) {
    index =
        inner_ != nullptr ? inner_->Choose(among) : mm::RoundRobinChoice(among);
  }
  return size_t(
      std::find(choice.runnable.begin(), choice.runnable.end(), free_[index]) -
      choice.runnable.begin());
}

}  // namespace faultline::script
