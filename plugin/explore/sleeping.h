#ifndef FAULTLINE_PLUGIN_EXPLORE_SLEEPING_H_
#define FAULTLINE_PLUGIN_EXPLORE_SLEEPING_H_

// Sleeping: actors that were preempted before a step which is known, and that
// need not go on before something has happened that this step could see or
// disturb. Godefroid's sleep sets, of preempted actors only.

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace faultline::explore {

// What a step touches: each object once, and whether it was changed.
using StepFootprint = absl::flat_hash_map<const void*, bool>;

class Sleeping {
 public:
  void Clear() { asleep_.clear(); }
  void Add(uint32_t actor, std::shared_ptr<const StepFootprint> next) {
    asleep_.push_back({actor, std::move(next)});
  }
  // Something else is touched: wakes those whose step does not go with it.
  void Touch(const void* object, bool write) {
    for (size_t i = 0; i < asleep_.size();) {
      const auto it = asleep_[i].next->find(object);
      if (it != asleep_[i].next->end() && (write || it->second)) {
        asleep_.erase(asleep_.begin() + ptrdiff_t(i));
      } else {
        ++i;
      }
    }
  }
  bool Has(uint32_t actor) const {
    for (const One& one : asleep_) {
      if (one.actor == actor) {
        return true;
      }
    }
    return false;
  }
  bool empty() const { return asleep_.empty(); }

 private:
  struct One {
    uint32_t actor;
    std::shared_ptr<const StepFootprint> next;
  };
  std::vector<One> asleep_;
};

}  // namespace faultline::explore

#endif  // FAULTLINE_PLUGIN_EXPLORE_SLEEPING_H_
