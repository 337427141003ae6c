#ifndef FAULTLINE_PLUGIN_TRACE_TRACE_WRITER_H_
#define FAULTLINE_PLUGIN_TRACE_TRACE_WRITER_H_

// TraceWriter: a trace's file, in either format, and the hash of its events.

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "guest_mm/trace.h"
#include "plugin/trace/json_trace.h"
#include "plugin/trace/perfetto_trace.h"

namespace faultline::trace {

enum class TraceFormat : uint8_t { kJson, kPerfetto };

struct TraceOptions {
  std::string path{};  // empty: nothing is written
  TraceFormat format = TraceFormat::kJson;
  uint32_t kinds = kUsualKinds;  // to write
};

class TraceWriter : public mm::TraceSink {
 public:
  // Internal if the file cannot be made; the text names it.
  static absl::StatusOr<std::unique_ptr<TraceWriter>> Open(
      const TraceOptions& options, std::function<uint64_t()> now);
  ~TraceWriter() override;

  // The first line of all. `page_bytes`: of the machine.
  void Begin(std::string_view arch, std::string_view program,
             uint64_t page_bytes);
  void Emit(mm::TraceKind kind, std::string_view name,
            absl::Span<const mm::TraceField> fields) override;
  // The last line: "violated: ..." or what else came out.
  void End(std::string_view result);
  // Whether all of it has been written. The second call does nothing.
  absl::Status Close();

  // What it wants to be told of: for mm::Trace::Attach().
  uint32_t kinds() const { return kUsualKinds | options_.kinds; }
  bool wants_points() const {
    return (options_.kinds & KindBit(mm::TraceKind::kPoint)) != 0;
  }
  uint64_t hash() const { return json_->hash(); }
  uint64_t events() const { return json_->events(); }

 private:
  explicit TraceWriter(const TraceOptions& options) : options_(options) {}
  void Write(std::string_view bytes);

  TraceOptions options_;
  std::FILE* file_ = nullptr;  // null: none, or closed
  int write_error_ = 0;        // the first errno
  std::unique_ptr<JsonTrace> json_;
  std::unique_ptr<PerfettoTrace> perfetto_;  // null: JSON lines
};

}  // namespace faultline::trace

#endif  // FAULTLINE_PLUGIN_TRACE_TRACE_WRITER_H_
