#include "plugin/trace/switch_trace.h"

#include <string_view>

#include "guest_mm/sync/lock_class.h"
#include "plugin/trace/trace_format.h"

namespace faultline::trace {

using mm::TraceField;
using mm::TraceKind;

void SwitchTrace::OnSwitch(const mm::Actor* from, const mm::Actor& to,
                           const mm::PointSite* at) {
  // Not `?:` of a literal and a string: that is a copy, gone at the semicolon.
  const std::string_view who =
      from == nullptr ? std::string_view("-") : std::string_view(from->name());
  const TraceField fields[] = {
      TraceField::Text("from", who),
      TraceField::Text("at", at == nullptr ? "-" : at->name)};
  if (from != nullptr && from->waiting_on() != nullptr) {
    OnWait(*from);
  }
  trace_.Emit(TraceKind::kSwitch, to.name(), fields);
}

void SwitchTrace::OnWait(const mm::Actor& actor) {
  const TraceField fields[] = {
      TraceField::Text("actor", actor.name()),
      TraceField::Text("for", actor.waiting_on()->name())};
  trace_.Emit(TraceKind::kPoint, kWaitEvent, fields);
}

void SwitchTrace::OnPoint(const mm::Actor& actor, const mm::PointSite& at) {
  if (!trace_.on(TraceKind::kPoint)) {
    return;
  }
  TraceField fields[3] = {TraceField::Text("actor", actor.name())};
  size_t n = 1;
  if (!actor.held().empty() && &actor.held().back().lock_class->locked == &at) {
    const bool shared = actor.held().back().mode == mm::LockMode::kShared;
    fields[n++] = TraceField::Text("mode", shared ? "shared" : "exclusive");
  }
  if (actor.work_address() != 0) {
    fields[n++] = TraceField::Hex("address", actor.work_address());
  }
  trace_.Emit(TraceKind::kPoint, at.name, absl::MakeConstSpan(fields, n));
}

}  // namespace faultline::trace
