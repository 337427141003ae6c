#include "plugin/explore/turns.h"

#include <algorithm>
#include <utility>

#include "guest_mm/sync/actor.h"

namespace faultline::explore {
namespace {

class TakesTurns : public mm::Strategy {
 public:
  explicit TakesTurns(const std::vector<Turn>& turns) {
    for (const Turn& t : turns) {
      to_[{t.from, t.nth}] = t.to;
    }
  }

  size_t Choose(const mm::Choice& choice) override {
    const uint64_t nth = counts_[choice.last_id]++;
    const auto turn = to_.find({choice.last_id, nth});
    if (turn != to_.end()) {
      for (size_t i = 0; i < choice.runnable.size(); ++i) {
        if (choice.runnable[i]->id() == turn->second) {
          return i;
        }
      }
    }
    return mm::RoundRobinChoice(choice);
  }
  std::string Name() const override { return "turns"; }

 private:
  std::map<std::pair<uint32_t, uint64_t>, uint32_t> to_;
  std::map<uint32_t, uint64_t> counts_;
};

}  // namespace

bool CostsPreemption(const mm::Choice& choice, size_t chosen) {
  return choice.current != nullptr &&
         (choice.runnable[chosen] == choice.current) == choice.slice_over;
}

unsigned Preemptions(const std::vector<Turn>& turns) {
  return unsigned(std::ranges::count_if(turns, &Turn::preempts));
}

Turn TurnLog::Of(const mm::Choice& choice, size_t chosen) const {
  const auto count = counts_.find(choice.last_id);
  return {.from = choice.last_id,
          .to = choice.runnable[chosen]->id(),
          .nth = count == counts_.end() ? 0 : count->second,
          .preempts = CostsPreemption(choice, chosen)};
}

void TurnLog::Note(const mm::Choice& choice, size_t chosen) {
  if (chosen != mm::RoundRobinChoice(choice)) {
    turns_.push_back(Of(choice, chosen));
  }
  ++counts_[choice.last_id];
  ++choices_;
}

std::unique_ptr<mm::Strategy> MakeTurns(const std::vector<Turn>& turns) {
  return std::make_unique<TakesTurns>(turns);
}

size_t LoggingStrategy::Choose(const mm::Choice& choice) {
  const size_t chosen = inner_.Choose(choice);
  log_.Note(choice, chosen);
  return chosen;
}

}  // namespace faultline::explore
