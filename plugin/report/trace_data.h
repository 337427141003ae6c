#ifndef FAULTLINE_PLUGIN_REPORT_TRACE_DATA_H_
#define FAULTLINE_PLUGIN_REPORT_TRACE_DATA_H_

// TraceData: a trace in columns, as it is read from JSON lines (docs/trace.md).
// An event is its number in the trace, from 0; the first line, which says what
// the trace is, is none.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "guest_mm/trace.h"
#include "plugin/report/string_pool.h"

namespace faultline::report {

// What the first line says.
struct TraceHeader {
  uint64_t page_bytes = 4096;
  std::string arch{};
  std::string program{};
};

class TraceData {
 public:
  // A set of keys that events share.
  using Shape = std::vector<uint32_t>;  // strings

  const std::string& name() const { return name_; }
  const TraceHeader& header() const { return header_; }
  const StringPool& strings() const { return strings_; }
  size_t size() const { return time_.size(); }

  // Virtual nanoseconds; never less than the event before.
  uint64_t time(size_t event) const { return time_[event]; }
  mm::TraceKind kind(size_t event) const { return kind_[event]; }
  std::string_view event(size_t event) const { return strings_[event_[event]]; }
  // Who ran then, a string; 0 before anybody has.
  uint32_t actor(size_t event) const { return actor_[event]; }
  // The value of a field as it is written; nothing if there is no such field.
  std::optional<std::string_view> Field(size_t event,
                                        std::string_view key) const;
  // The same as a number, decimal or "0x...".
  std::optional<uint64_t> Number(size_t event, std::string_view key) const;
  // For who has something to say about it.
  uint32_t AddString(std::string_view text) { return strings_.Add(text); }
  // What the trace says of its end ("violated: ..."), or "".
  const std::string& verdict() const { return verdict_; }

  // The columns, for who writes them elsewhere: of an event, its fields are
  // shapes()[shape[i]] with values[first_value[i]] and so on.
  const std::vector<uint64_t>& times() const { return time_; }
  const std::vector<uint32_t>& events() const { return event_; }
  const std::vector<uint32_t>& actors() const { return actor_; }
  const std::vector<uint32_t>& shape_of() const { return shape_; }
  const std::vector<uint32_t>& first_value() const { return first_value_; }
  const std::vector<uint32_t>& values() const { return values_; }
  const std::vector<Shape>& shapes() const { return shapes_; }

 private:
  friend class TraceReader;

  std::string name_;
  TraceHeader header_;
  std::string verdict_;
  StringPool strings_;
  std::vector<uint64_t> time_;
  std::vector<mm::TraceKind> kind_;
  std::vector<uint32_t> event_;  // strings
  std::vector<uint32_t> actor_;  // strings
  std::vector<uint32_t> shape_;
  std::vector<uint32_t> first_value_;
  std::vector<uint32_t> values_;  // strings
  std::vector<Shape> shapes_;
};

// Reads JSON lines. Lines of kinds that are not known are passed over.
// InvalidArgument with "NAME:LINE: what is wrong": no first line that says
// {"kind":"trace"}, another version, no JSON, no number "t" that is at least
// the one before, a field that is neither a text nor a number.
absl::StatusOr<TraceData> ReadTrace(std::string name, std::string_view text);

}  // namespace faultline::report

#endif  // FAULTLINE_PLUGIN_REPORT_TRACE_DATA_H_
