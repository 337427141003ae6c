#ifndef FAULTLINE_PLUGIN_REPORT_LANES_H_
#define FAULTLINE_PLUGIN_REPORT_LANES_H_

// Lanes: what each actor of a trace did from when to when: it ran, waited, held
// locks, was in a system call. Locks, waits and the length of system calls come
// from events of kind "point": a trace without them has only who ran.

#include <cstdint>
#include <vector>

#include "plugin/report/trace_data.h"

namespace faultline::report {

// The page's scripts have the same list (assets/states.js).
enum class SpanKind : uint8_t { kRuns, kWaits, kSyscall, kLock, kSharedLock };

// From event `start` until event `end` (the trace's size: to its end).
struct LaneSpan {
  uint32_t lane = 0;
  uint32_t start = 0, end = 0;
  uint32_t name = 0;  // a string of the trace
  SpanKind kind{};
  uint8_t depth = 0;  // of locks: how many were held before it
};

struct Lanes {
  std::vector<uint32_t> actors;   // their names, strings of the trace
  std::vector<uint32_t> lane_of;  // of each event
  std::vector<LaneSpan> spans;    // by start
};

// Adds strings to the trace.
Lanes MakeLanes(TraceData& trace);

}  // namespace faultline::report

#endif  // FAULTLINE_PLUGIN_REPORT_LANES_H_
