#ifndef FAULTLINE_PLUGIN_SCRIPT_WORLD_H_
#define FAULTLINE_PLUGIN_SCRIPT_WORLD_H_

// World: the actors of one run of a script's scenario: who they are, what is
// done when one of them comes to a point, and what went wrong.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "guest_mm/sync/scheduler.h"
#include "plugin/script/conductor.h"

namespace faultline::script {

class World : private mm::ScheduleObserver {
 public:
  World();
  ~World() override;
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // The world whose Run() is on this thread's stack, or null.
  static World* Active() { return active_; }

  Conductor& conductor() { return *conductor_; }
  mm::Scheduler& scheduler() { return *scheduler_; }

  mm::Actor& Spawn(std::string name, std::function<void()> body) {
    return scheduler_->Spawn(std::move(name), std::move(body));
  }

  // Has `what` called whenever `actor` (null: any) comes to `point`, before
  // others may run. It must not wait.
  using Hook = std::function<void(mm::Actor&)>;
  void At(std::string point, const mm::Actor* actor, Hook what);

  // Every point passed, for who wants to read the story.
  struct Step {
    uint32_t actor;
    std::string name;  // of the actor
    const char* point;
  };
  void KeepSteps() { keep_steps_ = true; }
  const std::vector<Step>& steps() const { return steps_; }

  // Is told of switches, and of every point if it `wants_points`; null: nobody.
  void set_listener(mm::ScheduleObserver* listener, bool wants_points) {
    listener_ = listener;
    listener_wants_points_ = listener != nullptr && wants_points;
  }

  // Runs until all have ended, or something is wrong, or the strategy has had
  // enough.
  enum class End : uint8_t { kDone, kProblem, kBrokenOff };
  End Run();

  // What went wrong: "deadlock: ...", a broken rule of locking, an invariant,
  // what the script said. The first one wins; empty: nothing.
  const std::string& problem() const { return problem_; }
  // Notes it and lets the run end at the next point.
  void Fail(std::string problem);
  // The same; the running actor never goes on.
  [[noreturn]] void FailHere(std::string problem);

 private:
  struct AtPoint {
    std::string point;
    const mm::Actor* actor;
    Hook what;
  };
  void OnSwitch(const mm::Actor* from, const mm::Actor& to,
                const mm::PointSite* at) override;
  void OnPoint(const mm::Actor& actor, const mm::PointSite& at) override;

  static constinit thread_local World* active_;
  Conductor* conductor_;  // the scheduler's
  std::unique_ptr<mm::Scheduler> scheduler_;
  std::vector<AtPoint> hooks_;
  mm::ScheduleObserver* listener_ = nullptr;
  bool listener_wants_points_ = false;
  bool in_hook_ = false;
  bool keep_steps_ = false;
  std::vector<Step> steps_;
  std::string problem_;
};

}  // namespace faultline::script

#endif  // FAULTLINE_PLUGIN_SCRIPT_WORLD_H_
