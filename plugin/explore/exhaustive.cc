// Depth first through the tree of choices, once for each number of preemptions.

#include <utility>

#include "guest_mm/sync/actor.h"
#include "guest_mm/sync/scheduler.h"
#include "plugin/explore/path_strategy.h"
#include "plugin/explore/search.h"
#include "plugin/explore/sleeping.h"

namespace faultline::explore {
namespace {

// A place where a choice was made, in the runs that come through it.
struct Node {
  Decision decision;
  uint16_t first = Decision::kNone;  // tried first
  uint64_t asleep = 0;               // options that need not be tried, by bit
  // What `current` does next, if it goes on; known once that has been tried.
  uint32_t current_id = 0;
  std::shared_ptr<StepFootprint> current_step = nullptr;
};

class Exhaustive : public Search, mm::Strategy, mm::Footprint {
 public:
  Exhaustive(unsigned preemptions, Reduce reduce)
      : most_(preemptions), reduce_(reduce == Reduce::kYes) {}

  mm::Strategy* Next() override {
    if (!started_) {
      started_ = true;
    } else {
      Collect();
      if (!Backtrack()) {
        if (bound_ == most_) {
          done_ = true;
          return nullptr;
        }
        ++bound_;
        nodes_.clear();
      }
    }
    laid_down_ = nodes_.size();
    at_ = 0;
    cut_ = cut_in_choice_ = false;
    recording_ = nullptr;
    sleeping_.Clear();
    return this;
  }

  const std::vector<Decision>& decisions() const override {
    decisions_.clear();
    for (const Node& n : nodes_) {
      decisions_.push_back(n.decision);
    }
    return decisions_;
  }
  bool repeated() const override {
    return cut_ || (bound_ > 0 && Used(nodes_.size()) < bound_);
  }
  bool exhaustive() const override { return done_; }
  mm::Footprint* footprint() override { return reduce_ ? this : nullptr; }

  // mm::Strategy.
  size_t Choose(const mm::Choice& choice) override {
    size_t chosen = 0;
    if (at_ < laid_down_) {
      chosen = nodes_[at_].decision.chosen;
      if (chosen >= choice.runnable.size()) {
        chosen = mm::RoundRobinChoice(choice);  // not the same scenario
      }
      nodes_[at_].decision = DecisionOf(choice, chosen);
    } else {
      chosen = Default(choice);
      nodes_.push_back({.decision = DecisionOf(choice, chosen)});
      nodes_.back().first = uint16_t(chosen);
    }
    Node& node = nodes_[at_++];
    if (reduce_) {
      Follow(choice, node);
    }
    return chosen;
  }
  std::string Name() const override { return "exhaustive"; }

  // mm::Footprint.
  void OnRead(const void* object) override { Touch(object, false); }
  void OnWrite(const void* object) override { Touch(object, true); }

 private:
  void Touch(const void* object, bool write) {
    if (recording_ != nullptr) {
      bool& changed = (*recording_)[object];
      changed = changed || write;
    }
    if (sleeping_.empty() || cut_) {
      return;
    }
    const mm::Actor* const me = mm::Scheduler::Current();
    if (me != nullptr && sleeping_.Has(me->id())) {
      Cut();  // nobody else could run, and nothing has happened meanwhile
    } else {
      sleeping_.Touch(object, write);
    }
  }

  // This run shows nothing new.
  void Cut() {
    cut_ = true;
    mm::Scheduler::Active()->Stop();
  }

  // Without a preemption where that is possible, and nobody who sleeps.
  size_t Default(const mm::Choice& choice) {
    const size_t usual = mm::RoundRobinChoice(choice);
    if (!reduce_ || !sleeping_.Has(choice.runnable[usual]->id())) {
      return usual;
    }
    for (size_t i = 0; i < choice.runnable.size(); ++i) {
      if (!sleeping_.Has(choice.runnable[i]->id())) {
        return i;
      }
    }
    Cut();
    cut_in_choice_ = true;
    return usual;
  }

  // Keeps track of who sleeps, and of what the step that begins now touches.
  void Follow(const mm::Choice& choice, Node& node) {
    const Decision& d = node.decision;
    node.asleep = 0;
    for (size_t i = 0; i < choice.runnable.size() && i < 64; ++i) {
      node.asleep |= sleeping_.Has(choice.runnable[i]->id()) ? uint64_t{1} << i
                                                             : uint64_t{0};
    }
    recording_ = nullptr;
    if (choice.current == nullptr) {
      return;
    }
    node.current_id = choice.current->id();
    if (d.chosen == d.current) {
      if (node.current_step == nullptr) {
        node.current_step = std::make_shared<StepFootprint>();
        recording_ = node.current_step.get();
      }
    } else if (node.current_step != nullptr) {
      sleeping_.Add(node.current_id, node.current_step);
    }
  }

  void Collect() {
    if (cut_in_choice_) {  // that was no choice
      nodes_.pop_back();
    }
  }

  unsigned Used(size_t nodes) const {
    unsigned used = 0;
    for (size_t i = 0; i < nodes; ++i) {
      used += nodes_[i].decision.preempts() ? 1 : 0;
    }
    return used;
  }

  // To the last place where something else can be tried.
  bool Backtrack() {
    unsigned used = Used(nodes_.size());
    while (!nodes_.empty()) {
      Node& node = nodes_.back();
      Decision& d = node.decision;
      used -= d.preempts() ? 1 : 0;
      const bool preempts = d.current != Decision::kNone;
      const uint16_t next = NextChoice(node);
      if (next != Decision::kNone && (!preempts || used < bound_)) {
        d.chosen = next;
        return true;
      }
      nodes_.pop_back();
    }
    return false;
  }

  // What was tried first, then the others by their number.
  static uint16_t NextChoice(const Node& node) {
    uint16_t next = node.decision.chosen == node.first
                        ? uint16_t{0}
                        : uint16_t(node.decision.chosen + 1);
    while (
        next < node.decision.options &&
        (next == node.first || (next < 64 && (node.asleep >> next & 1) != 0))) {
      ++next;
    }
    return next < node.decision.options ? next : Decision::kNone;
  }

  const unsigned most_;
  const bool reduce_;
  unsigned bound_ = 0;
  bool started_ = false, done_ = false;
  std::vector<Node> nodes_;  // of the run under way, or the last one
  size_t laid_down_ = 0, at_ = 0;
  bool cut_ = false, cut_in_choice_ = false;
  Sleeping sleeping_;
  StepFootprint* recording_ = nullptr;
  mutable std::vector<Decision> decisions_;
};

}  // namespace

unsigned Preemptions(const std::vector<Decision>& decisions) {
  unsigned n = 0;
  for (const Decision& d : decisions) {
    n += d.preempts() ? 1 : 0;
  }
  return n;
}

std::unique_ptr<Search> MakeExhaustive(unsigned preemptions, Reduce reduce) {
  return std::make_unique<Exhaustive>(preemptions, reduce);
}

}  // namespace faultline::explore
