#ifndef FAULTLINE_TESTS_PLUGIN_REPORT_TEST_TRACE_H_
#define FAULTLINE_TESTS_PLUGIN_REPORT_TEST_TRACE_H_

// Traces for tests: the events, without the first line and the times.

#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "plugin/report/trace_data.h"

namespace faultline::report {

inline const std::string kFirstLine =
    R"({"t":0,"kind":"trace","event":"begin","version":1,"page":4096})";

// `events`: the fields after the time, as `"kind":"switch","event":"a"`. The
// i-th one is at time i.
inline std::string TraceText(const std::vector<std::string>& events) {
  std::string text = kFirstLine + "\n";
  for (size_t i = 0; i < events.size(); ++i) {
    text += "{\"t\":" + std::to_string(i) + "," + events[i] + "}\n";
  }
  return text;
}

inline TraceData Trace(const std::vector<std::string>& events) {
  auto trace = ReadTrace("test", TraceText(events));
  EXPECT_TRUE(trace.ok()) << trace.status();
  return *std::move(trace);
}

inline std::string SwitchTo(const std::string& actor) {
  return R"("kind":"switch","event":")" + actor + "\"";
}
inline std::string Point(const std::string& name,
                         const std::string& more = "") {
  return R"("kind":"point","event":")" + name + "\"" + more;
}
inline std::string SetEntry(const std::string& level,
                            const std::string& address, const std::string& from,
                            const std::string& to) {
  return R"("kind":"table","event":"set","root":"0x10","level":")" + level +
         R"(","address":")" + address + R"(","from":")" + from + R"(","to":")" +
         to + "\"";
}

}  // namespace faultline::report

#endif  // FAULTLINE_TESTS_PLUGIN_REPORT_TEST_TRACE_H_
