#include "plugin/script/world.h"

#include <exception>
#include <utility>

#include "absl/strings/str_cat.h"
#include "guest_mm/base/check_handler.h"

namespace faultline::script {
namespace {

constexpr mm::PointSite kFailedPoint{"script.failed"};

// In an actor, whose frames cannot be unwound (each may hold locks): it stands
// still for ever, and the run ends.
void OnCheckFailed(const char*, int, const char* what) {
  if (World* const world = World::Active();
      world != nullptr && mm::Scheduler::Current() != nullptr) {
    world->FailHere(absl::StrCat("broken invariant: ", what));
  }
}

}  // namespace

constinit thread_local World* World::active_ = nullptr;

World::World() {
  auto conductor = std::make_unique<Conductor>();
  conductor_ = conductor.get();
  scheduler_ = std::make_unique<mm::Scheduler>(std::move(conductor));
  scheduler_->set_report_handler([this](const mm::LockReport& report) {
    Fail(absl::StrCat(mm::ToString(report.kind), ": ", report.text));
  });
}

World::~World() = default;

void World::At(std::string point, const mm::Actor* actor, Hook what) {
  hooks_.push_back({std::move(point), actor, std::move(what)});
  if (active_ == this) {
    scheduler_->set_observer(this, true);
  }
}

void World::OnSwitch(const mm::Actor* from, const mm::Actor& to,
                     const mm::PointSite* at) {
  if (listener_ != nullptr) {
    listener_->OnSwitch(from, to, at);
  }
}

void World::OnPoint(const mm::Actor& actor, const mm::PointSite& at) {
  if (listener_wants_points_) {
    listener_->OnPoint(actor, at);
  }
  if (keep_steps_) {
    steps_.push_back({actor.id(), actor.name(), at.name});
  }
  if (in_hook_ || !problem_.empty()) {
    return;
  }
  in_hook_ = true;
  // Hooks may add hooks.
  for (size_t i = 0; i < hooks_.size(); ++i) {
    if (hooks_[i].point == at.name &&
        (hooks_[i].actor == nullptr || hooks_[i].actor == &actor)) {
      const Hook what = hooks_[i].what;
      what(const_cast<mm::Actor&>(actor));
    }
  }
  in_hook_ = false;
}

World::End World::Run() {
  World* const outer = std::exchange(active_, this);
  const CheckHandler before = SetCheckHandler(&OnCheckFailed);
  scheduler_->set_observer(
      this, keep_steps_ || listener_wants_points_ || !hooks_.empty());
  const mm::Scheduler::End end = scheduler_->Run();
  scheduler_->set_observer(nullptr, false);
  SetCheckHandler(before);
  active_ = outer;
  if (end == mm::Scheduler::End::kDeadlock && problem_.empty()) {
    problem_ = absl::StrCat("deadlock: nobody can go on\n",
                            scheduler_->DescribeActors());
  }
  if (!problem_.empty()) {
    return End::kProblem;
  }
  return end == mm::Scheduler::End::kStopped ? End::kBrokenOff : End::kDone;
}

void World::Fail(std::string problem) {
  if (problem_.empty()) {
    problem_ = std::move(problem);
  }
  scheduler_->Stop();
}

void World::FailHere(std::string problem) {
  Fail(std::move(problem));
  for (;;) {
    mm::Scheduler::PointIfActive(kFailedPoint);  // Run() returns from here
  }
}

}  // namespace faultline::script
