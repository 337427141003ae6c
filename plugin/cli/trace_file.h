#ifndef FAULTLINE_PLUGIN_CLI_TRACE_FILE_H_
#define FAULTLINE_PLUGIN_CLI_TRACE_FILE_H_

// --trace FILE of a program's run, and the hash of its events that --stats
// prints. The trace's last event is its schedule:
// {"t":..,"kind":"switch","event":"schedule","again":"replay:TOKEN"}.

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "plugin/cli/trace_flags.h"
#include "plugin/linux/kernel.h"
#include "plugin/trace/switch_trace.h"
#include "plugin/trace/trace_writer.h"

namespace faultline::cli {

class TraceFile {
 public:
  // Attaches to `kernel`, which outlives it and will run `program`. Without a
  // file nothing is written, and without `hash` and `also`, who is told of the
  // usual events and may be null, nothing is even looked at. Internal if the
  // file cannot be made, InvalidArgument if flags make no sense.
  static absl::StatusOr<std::unique_ptr<TraceFile>> Open(
      os::Kernel& kernel, const TraceFlags& flags, const std::string& program,
      bool hash, mm::TraceSink* also = nullptr);
  ~TraceFile();

  // Who is told of the scheduler's switches; null: nobody.
  mm::ScheduleObserver* observer() { return switches_.get(); }
  bool wants_points() const {
    return writer_ != nullptr && writer_->wants_points();
  }
  // Ends the trace with the schedule that repeats the run, and detaches. The
  // Status says whether all of it has been written; the second call does
  // nothing.
  absl::Status Close();
  // Of all events so far; 0 if nothing was looked at.
  uint64_t hash() const { return writer_ == nullptr ? 0 : writer_->hash(); }
  // Looks at nothing from Pause() to Resume(): for who lets copies of the
  // process run on.
  void Pause();
  void Resume();
  // "trace hash 0x... of N events"; empty if nothing was looked at.
  std::string Summary() const;

 private:
  // Who is told of an event: each of what it wants.
  struct Told : mm::TraceSink {
    trace::TraceWriter* writer = nullptr;
    mm::TraceSink* also = nullptr;
    uint32_t kinds() const;
    void Emit(mm::TraceKind kind, std::string_view name,
              absl::Span<const mm::TraceField> fields) override;
  };

  explicit TraceFile(os::Kernel& kernel) : kernel_(kernel) {}
  void Attach();
  void Detach();

  os::Kernel& kernel_;
  bool attached_ = false;
  std::unique_ptr<trace::TraceWriter> writer_;  // null: none is wanted
  Told told_;
  std::unique_ptr<trace::SwitchTrace> switches_;
};

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_TRACE_FILE_H_
