#ifndef FAULTLINE_PLUGIN_TRACE_TRACE_FORMAT_H_
#define FAULTLINE_PLUGIN_TRACE_TRACE_FORMAT_H_

// What writers and readers of traces agree on (docs/trace.md).

#include <string_view>

namespace faultline::trace {

// Of the first line. Another kind of event, or another field, is no other
// version: readers pass over what they do not know.
inline constexpr int kTraceVersion = 1;

// The event of kind "switch" that is no switch: the run's schedule.
inline constexpr std::string_view kScheduleEvent = "schedule";

// The event of kind "point" that says what an actor begins to wait for.
inline constexpr std::string_view kWaitEvent = "wait";

}  // namespace faultline::trace

#endif  // FAULTLINE_PLUGIN_TRACE_TRACE_FORMAT_H_
