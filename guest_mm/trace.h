#ifndef FAULTLINE_GUEST_MM_TRACE_H_
#define FAULTLINE_GUEST_MM_TRACE_H_

// TraceSink: where events go. The memory manager reports what happened as
// plain structs; plugin/trace turns them into JSON lines, a hash, statistics.
// Nothing here depends on the host: no pointer, clock or path of its.
//
// Cost when nobody listens: one load and a branch (Trace::on()).

#include <cstdint>
#include <string_view>

#include "absl/types/span.h"

namespace faultline::mm {

// A named number or word of an event. Keys are literals.
struct TraceField {
  std::string_view key;
  uint64_t number = 0;
  std::string_view text = {};  // shown instead of the number when not empty
  enum class Format : uint8_t {
    kDecimal,
    kHex,
    kText
  } format = Format::kDecimal;

  static TraceField Dec(std::string_view k, uint64_t v) {
    return {k, v, {}, Format::kDecimal};
  }
  static TraceField Hex(std::string_view k, uint64_t v) {
    return {k, v, {}, Format::kHex};
  }
  static TraceField Text(std::string_view k, std::string_view v) {
    return {k, 0, v, Format::kText};
  }
};

// What kind of event, for filters. Names ("fault", "alloc", ...) are what
// filters and readers of traces know them by.
enum class TraceKind : uint8_t {
  kFault,    // a page fault and its outcome
  kAlloc,    // a frame given out or taken back
  kTable,    // a page-table entry changed
  kVma,      // a mapping came, went or changed
  kSyscall,  // a system call and its result
  kSwitch,   // another actor runs
  kPoint,    // a schedule point passed
  kSignal,   // a signal raised or delivered
  kTask,     // a task started, called exec, ended
  kUnknown,  // a system call that is not implemented
  kThp,      // a scan for a huge page, or a collapse, and its result
  kUffd,     // a userfault or an event of userfaultfd, step by step
  kInject,   // something was made to fail, or to happen
  kTag,      // a granule of memory was tagged (arm64 MTE)
};
inline constexpr int kTraceKinds = 14;

class TraceSink {
 public:
  virtual ~TraceSink() = default;
  // The fields live only for the call.
  virtual void Emit(TraceKind kind, std::string_view name,
                    absl::Span<const TraceField> fields) = 0;
};

// The switch in front of a sink; owned by the MemoryManager, which everything
// that emits can reach.
class Trace {
 public:
  bool on(TraceKind k) const { return (mask_ >> unsigned(k) & 1u) != 0; }
  void Attach(TraceSink* sink, uint32_t mask) {
    sink_ = sink;
    mask_ = sink == nullptr ? 0 : mask;
  }
  void Emit(TraceKind k, std::string_view name,
            absl::Span<const TraceField> fields) {
    if (on(k)) {
      sink_->Emit(k, name, fields);
    }
  }

 private:
  TraceSink* sink_ = nullptr;
  uint32_t mask_ = 0;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_TRACE_H_
