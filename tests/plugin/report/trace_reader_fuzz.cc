// Traces come from anywhere: any text is one, or is refused; and one that is
// can be shown.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "guest_mm/base/check.h"
#include "plugin/report/page.h"
#include "plugin/report/trace_data.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace report = faultline::report;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto trace = report::ReadTrace("trace", text);
  if (!trace.ok()) {
    FL_CHECK(std::string(trace.status().message()).starts_with("trace:"));
    return 0;
  }
  std::vector<report::TraceData> traces;
  traces.push_back(*std::move(trace));
  FL_CHECK(!report::MakePage(std::move(traces)).empty());
  return 0;
}
