#ifndef FAULTLINE_PLUGIN_TRACE_JSON_TRACE_H_
#define FAULTLINE_PLUGIN_TRACE_JSON_TRACE_H_

// JsonTrace: events as JSON lines (docs/trace.md), and their hash. One event,
// one line:
//   {"t":1200,"kind":"syscall","event":"mmap","tid":100,"arg0":"0x0",...}
// `t` is virtual nanoseconds. Numbers that are addresses are strings in
// hexadecimal. Nothing in a line depends on the host, so equal runs have equal
// hashes.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "guest_mm/trace.h"
#include "plugin/trace/kinds.h"
#include "plugin/trace/text_hash.h"

namespace faultline::trace {

class JsonTrace : public mm::TraceSink {
 public:
  // `now`: virtual time. `write` gets each line of the kinds `written` with its
  // newline; may be empty if only the hash is wanted.
  JsonTrace(std::function<uint64_t()> now,
            std::function<void(std::string_view)> write,
            uint32_t written = kAllKinds)
      : now_(std::move(now)), write_(std::move(write)), written_(written) {}

  void Emit(mm::TraceKind kind, std::string_view name,
            absl::Span<const mm::TraceField> fields) override;

  // A line of kind "trace", which is no event of the machine's: what the trace
  // is, or how it has ended.
  void Say(std::string_view name, absl::Span<const mm::TraceField> fields);

  // FNV-1a of all lines so far that are of the usual kinds, written or not.
  uint64_t hash() const { return hash_.value(); }
  uint64_t events() const { return events_; }

 private:
  void MakeLine(std::string_view kind, std::string_view name,
                absl::Span<const mm::TraceField> fields);

  std::function<uint64_t()> now_;
  std::function<void(std::string_view)> write_;
  uint32_t written_;
  std::string line_;  // kept for its room
  TextHash hash_;
  uint64_t events_ = 0;
};

}  // namespace faultline::trace

#endif  // FAULTLINE_PLUGIN_TRACE_JSON_TRACE_H_
