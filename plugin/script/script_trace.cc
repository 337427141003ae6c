#include "plugin/script/script_trace.h"

namespace faultline::script {

void ScriptTrace::SetOn(bool on) {
  if (!wanted()) {
    return;
  }
  on_ = on;
  Attach(schedule_);
  std::erase_if(machines_, [](const auto& m) { return m.expired(); });
  for (const std::weak_ptr<Machine>& m : machines_) {
    if (const std::shared_ptr<Machine> machine = m.lock()) {
      Attach(machine->memory().trace());
    }
  }
}

void ScriptTrace::Add(const std::shared_ptr<Machine>& machine) {
  // In an explore{} that is not told of, thousands come and go.
  if (on_) {
    machines_.push_back(machine);
    Attach(machine->memory().trace());
  }
}

void ScriptTrace::Watch(World& world) {
  world_ = &world;
  if (wanted()) {
    world.set_listener(&switches_, target_.points);
  }
}

void ScriptTrace::WorldEnds() {
  before_ = now();
  world_ = nullptr;
}

uint64_t ScriptTrace::now() const {
  return before_ + (world_ == nullptr ? 0 : world_->scheduler().now().ns());
}

void ScriptTrace::Failed(const char* site, uint64_t address) {
  if (!on_) {
    return;
  }
  const mm::Actor* const me = mm::Scheduler::Current();
  const std::string_view actor =
      me == nullptr ? std::string_view("-") : std::string_view(me->name());
  const mm::TraceField fields[] = {mm::TraceField::Text("action", "fail"),
                                   mm::TraceField::Text("actor", actor),
                                   mm::TraceField::Hex("address", address)};
  schedule_.Emit(mm::TraceKind::kInject, site, fields);
}

}  // namespace faultline::script
