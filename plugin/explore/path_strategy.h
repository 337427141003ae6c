#ifndef FAULTLINE_PLUGIN_EXPLORE_PATH_STRATEGY_H_
#define FAULTLINE_PLUGIN_EXPLORE_PATH_STRATEGY_H_

// PathStrategy: follows a path of choices, then goes on without preempting
// anybody, and remembers all that it chose.

#include <cstddef>
#include <string>
#include <vector>

#include "guest_mm/sync/strategy.h"
#include "plugin/explore/search.h"

namespace faultline::explore {

Decision DecisionOf(const mm::Choice& choice, size_t chosen);

class PathStrategy : public mm::Strategy {
 public:
  void Assign(std::vector<Decision> path) {
    decisions_ = std::move(path);
    length_ = decisions_.size();
    at_ = 0;
  }

  size_t Choose(const mm::Choice& choice) override;
  std::string Name() const override { return "path"; }
  const std::vector<Decision>& decisions() const { return decisions_; }

 private:
  std::vector<Decision> decisions_;
  size_t length_ = 0;  // laid down
  size_t at_ = 0;
};

}  // namespace faultline::explore

#endif  // FAULTLINE_PLUGIN_EXPLORE_PATH_STRATEGY_H_
