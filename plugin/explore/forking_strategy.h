#ifndef FAULTLINE_PLUGIN_EXPLORE_FORKING_STRATEGY_H_
#define FAULTLINE_PLUGIN_EXPLORE_FORKING_STRATEGY_H_

// ForkingStrategy: every schedule of a program with at most so many
// preemptions, each in a copy of this process (fork). At each choice a copy is
// made for every other way to go on, which is waited for; so what lies before a
// choice is run once, and not once for each schedule. Every process ends as a
// run of its own.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "guest_mm/sync/strategy.h"
#include "plugin/explore/turns.h"

namespace faultline::explore {

class ForkingStrategy : public mm::Strategy {
 public:
  struct Limits {
    unsigned preemptions = 1;
    uint64_t runs = 10'000;  // of all processes together, the first included
  };
  struct Events {
    // In a new copy, before it goes on.
    std::function<void()> in_copy{};
    // In the parent of a copy that died: wait(2)'s status, and what the copy
    // would have run.
    std::function<void(int status, const std::vector<Turn>& turns)> on_death{};
  };

  ForkingStrategy();
  ~ForkingStrategy() override;

  // From here on choices are made; before, as round robin would.
  void Begin(const Limits& limits, Events events);
  // Instead: the choices of another strategy, without copies.
  void Follow(std::unique_ptr<mm::Strategy> other);

  // Of this process's run.
  const TurnLog& log() const { return log_; }
  // There were more than `runs`: some schedules were left out.
  bool limit_reached() const;

  size_t Choose(const mm::Choice& choice) override;
  std::string Name() const override { return "forking"; }

 private:
  struct Shared;  // by all processes
  size_t Pick(const mm::Choice& choice);
  bool InCopy(const mm::Choice& choice, size_t chosen);

  Shared* shared_;
  Limits limits_;
  Events events_;
  bool begun_ = false;
  unsigned used_ = 0;  // preemptions
  TurnLog log_;
  std::unique_ptr<mm::Strategy> other_;
};

}  // namespace faultline::explore

#endif  // FAULTLINE_PLUGIN_EXPLORE_FORKING_STRATEGY_H_
