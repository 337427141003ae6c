#ifndef FAULTLINE_PLUGIN_TRACE_KINDS_H_
#define FAULTLINE_PLUGIN_TRACE_KINDS_H_

// Kinds of events by name, and sets of them as mm::Trace has them: a bit each.

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "guest_mm/trace.h"

namespace faultline::trace {

// "fault", "alloc", ...: the names that filters and the schema use.
std::string_view KindName(mm::TraceKind kind);

constexpr uint32_t KindBit(mm::TraceKind kind) {
  return uint32_t{1} << unsigned(kind);
}
inline constexpr uint32_t kAllKinds = (uint32_t{1} << mm::kTraceKinds) - 1;
// Points are too many to write without being asked for; and a run's hash is
// the same whether they are written or not.
inline constexpr uint32_t kUsualKinds =
    kAllKinds & ~KindBit(mm::TraceKind::kPoint);

// "usual", "all", or names with commas between: "fault,syscall", "usual,point".
// InvalidArgument: no such kind.
absl::StatusOr<uint32_t> ParseKinds(const std::string& text);

}  // namespace faultline::trace

#endif  // FAULTLINE_PLUGIN_TRACE_KINDS_H_
