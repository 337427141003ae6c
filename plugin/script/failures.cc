#include "plugin/script/failures.h"

#include "guest_mm/sync/scheduler.h"

namespace faultline::script {

void Failures::Fail(const std::string& site, uint64_t nth,
                    std::optional<uint32_t> actor) {
  rules_.push_back({site, nth, actor});
}

uint64_t Failures::passings(const std::string& site) const {
  const auto it = passings_.find(site);
  return it == passings_.end() ? 0 : it->second;
}

bool Failures::ShouldFail(const mm::FailSite& site, uint64_t) {
  ++passings_[site.name];
  const mm::Actor* const me = mm::Scheduler::Current();
  bool fails = false;
  for (size_t i = 0; i < rules_.size();) {
    Rule& rule = rules_[i];
    const bool meant =
        rule.site == site.name &&
        (!rule.actor.has_value() || (me != nullptr && me->id() == *rule.actor));
    if (meant && --rule.left == 0) {
      fails = true;
      rules_.erase(rules_.begin() + ptrdiff_t(i));
    } else {
      ++i;
    }
  }
  return fails;
}

}  // namespace faultline::script
