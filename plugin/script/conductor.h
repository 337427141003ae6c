#ifndef FAULTLINE_PLUGIN_SCRIPT_CONDUCTOR_H_
#define FAULTLINE_PLUGIN_SCRIPT_CONDUCTOR_H_

// Conductor: the strategy of a script's world. It keeps actors back that the
// script has paused, and asks another strategy about the rest.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "guest_mm/sync/strategy.h"

namespace faultline::script {

class Conductor : public mm::Strategy {
 public:
  // Who chooses among those not paused; outlives the run. Null: round robin.
  void set_inner(mm::Strategy* inner) { inner_ = inner; }

  // Until Resume(). Paused actors run all the same when nobody else can.
  void Pause(uint32_t actor) { paused_[actor] = kNobody; }
  // Until `other` has ended, or waits for something.
  void PauseUntilBlocked(uint32_t actor, uint32_t other) {
    paused_[actor] = other;
  }
  void Resume(uint32_t actor) { paused_.erase(actor); }
  bool paused(uint32_t actor) const { return paused_.contains(actor); }

  size_t Choose(const mm::Choice& choice) override;
  std::string Name() const override { return "script"; }

 private:
  static constexpr uint32_t kNobody = ~0u;
  bool KeptBack(const mm::Choice& choice, uint32_t actor);

  mm::Strategy* inner_ = nullptr;
  std::map<uint32_t, uint32_t> paused_;  // and for whom
  std::vector<mm::Actor*> free_;         // kept for its room
};

}  // namespace faultline::script

#endif  // FAULTLINE_PLUGIN_SCRIPT_CONDUCTOR_H_
