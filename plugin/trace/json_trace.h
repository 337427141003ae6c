#ifndef FAULTLINE_PLUGIN_TRACE_JSON_TRACE_H_
#define FAULTLINE_PLUGIN_TRACE_JSON_TRACE_H_

// JsonTrace: events as JSON lines, and their hash. One event, one line:
//   {"t":1200,"kind":"syscall","event":"mmap","tid":100,"arg0":"0x0",...}
// `t` is virtual nanoseconds. Numbers that are addresses are strings in
// hexadecimal. Nothing in a line depends on the host, so equal runs have equal
// hashes.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "guest_mm/trace.h"

namespace faultline::trace {

class JsonTrace : public mm::TraceSink {
 public:
  // `now`: virtual time. `write` gets each line with its newline; may be
  // empty if only the hash is wanted.
  JsonTrace(std::function<uint64_t()> now,
            std::function<void(std::string_view)> write)
      : now_(std::move(now)), write_(std::move(write)) {}

  void Emit(mm::TraceKind kind, std::string_view name,
            absl::Span<const mm::TraceField> fields) override;

  // FNV-1a of all lines so far.
  uint64_t hash() const { return hash_; }
  uint64_t events() const { return events_; }

 private:
  std::function<uint64_t()> now_;
  std::function<void(std::string_view)> write_;
  std::string line_;  // kept for its room
  uint64_t hash_ = 0xcbf29ce484222325;
  uint64_t events_ = 0;
};

// "fault", "alloc", ...: the names that filters and the schema use.
std::string_view KindName(mm::TraceKind kind);

}  // namespace faultline::trace

#endif  // FAULTLINE_PLUGIN_TRACE_JSON_TRACE_H_
