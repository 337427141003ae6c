#include "plugin/trace/switch_trace.h"

#include <string_view>

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
  trace_.Emit(TraceKind::kSwitch, to.name(), fields);
}

void SwitchTrace::OnPoint(const mm::Actor& actor, const mm::PointSite& at) {
  const TraceField fields[] = {TraceField::Text("actor", actor.name())};
  trace_.Emit(TraceKind::kPoint, at.name, fields);
}

}  // namespace faultline::trace
