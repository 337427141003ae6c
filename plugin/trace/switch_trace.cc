#include "plugin/trace/switch_trace.h"

namespace faultline::trace {

using mm::TraceField;
using mm::TraceKind;

void SwitchTrace::OnSwitch(const mm::Actor* from, const mm::Actor& to,
                           const mm::PointSite* at) {
  const TraceField fields[] = {
      TraceField::Text("from", from == nullptr ? "-" : from->name()),
      TraceField::Text("at", at == nullptr ? "-" : at->name)};
  trace_.Emit(TraceKind::kSwitch, to.name(), fields);
}

void SwitchTrace::OnPoint(const mm::Actor& actor, const mm::PointSite& at) {
  const TraceField fields[] = {TraceField::Text("actor", actor.name())};
  trace_.Emit(TraceKind::kPoint, at.name, fields);
}

}  // namespace faultline::trace
