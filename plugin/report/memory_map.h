#ifndef FAULTLINE_PLUGIN_REPORT_MEMORY_MAP_H_
#define FAULTLINE_PLUGIN_REPORT_MEMORY_MAP_H_

// MemoryMap: what the page-table events of a trace come to: for each page of
// each address space, from which event to which it was in which state.

#include <cstdint>
#include <vector>

#include "plugin/report/page_state.h"
#include "plugin/report/trace_data.h"

namespace faultline::report {

// Pages [first_row, last_row] from event `start` on, which made them so, until
// event `end` (the trace's size: to its end).
struct PageSpan {
  uint32_t first_row = 0, last_row = 0;
  uint32_t start = 0, end = 0;
  PageState state{};
};

// A page that was ever more than absent. Pages follow each other by address
// space and address.
struct PageRow {
  uint32_t space = 0;  // of spaces
  uint64_t address = 0;
};

struct MemorySpace {
  uint64_t root = 0;   // the frame of its top table
  uint64_t mm = 0;     // its number in other events; 0: not known
  uint32_t since = 0;  // the event that made its first entry
};

struct MemoryMap {
  std::vector<MemorySpace> spaces;
  std::vector<PageRow> rows;
  std::vector<PageSpan> spans;  // by start
};

MemoryMap MakeMemoryMap(const TraceData& trace);

}  // namespace faultline::report

#endif  // FAULTLINE_PLUGIN_REPORT_MEMORY_MAP_H_
