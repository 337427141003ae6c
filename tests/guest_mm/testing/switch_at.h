#ifndef FAULTLINE_TESTS_GUEST_MM_TESTING_SWITCH_AT_H_
#define FAULTLINE_TESTS_GUEST_MM_TESTING_SWITCH_AT_H_

// SwitchAt: a schedule with one preemption. The first actor that comes to the
// point stops there until all others have ended or wait.

#include <memory>
#include <optional>
#include <string>

#include "guest_mm/sync/actor.h"
#include "guest_mm/sync/strategy.h"

namespace faultline::mm {

class SwitchAt final : public Strategy {
 public:
  explicit SwitchAt(const PointSite& site) : site_(site) {}
  static std::unique_ptr<Strategy> Make(const PointSite& site) {
    return std::make_unique<SwitchAt>(site);
  }

  size_t Choose(const Choice& choice) override {
    if (!stopped_.has_value() && choice.at == &site_ &&
        choice.current != nullptr) {
      stopped_ = choice.current->id();
    }
    const size_t next = RoundRobinChoice(choice);
    if (choice.runnable[next]->id() != stopped_) {
      return next;
    }
    return next == 0 ? 1 : next - 1;
  }
  std::string Name() const override { return "switch-at"; }

 private:
  const PointSite& site_;
  std::optional<uint32_t> stopped_;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_TESTS_GUEST_MM_TESTING_SWITCH_AT_H_
