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

#include "guest_mm/sync/strategy.h"

namespace faultline::explore {

class ForkingStrategy : public mm::Strategy {
 public:
  struct Limits {
    unsigned preemptions = 1;
    uint64_t runs = 10'000;  // of all processes together, the first included
  };
  // In the parent of a copy that died, with wait(2)'s status.
  using OnDeath = std::function<void(int status)>;

  ForkingStrategy();
  ~ForkingStrategy() override;

  // From here on choices are made; before, as round robin would.
  void Begin(const Limits& limits, OnDeath on_death);
  // Instead: the choices of another strategy.
  void Follow(std::unique_ptr<mm::Strategy> other);

  // Of this process's run.
  unsigned preemptions() const { return used_; }
  // There were more than `runs`: some schedules were left out.
  bool limit_reached() const;

  size_t Choose(const mm::Choice& choice) override;
  std::string Name() const override { return "forking"; }

 private:
  struct Shared;  // by all processes
  bool InCopy();

  Shared* shared_;
  Limits limits_;
  OnDeath on_death_;
  bool begun_ = false;
  unsigned used_ = 0;
  std::unique_ptr<mm::Strategy> other_;
};

}  // namespace faultline::explore

#endif  // FAULTLINE_PLUGIN_EXPLORE_FORKING_STRATEGY_H_
