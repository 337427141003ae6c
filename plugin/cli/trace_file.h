#ifndef FAULTLINE_PLUGIN_CLI_TRACE_FILE_H_
#define FAULTLINE_PLUGIN_CLI_TRACE_FILE_H_

// --trace FILE, and the hash of a run's events that --stats prints. The last
// line of a trace is its schedule: {"t":..,"kind":"switch","event":"schedule",
// "again":"replay:TOKEN"}.

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "plugin/linux/kernel.h"
#include "plugin/trace/json_trace.h"
#include "plugin/trace/switch_trace.h"

namespace faultline::cli {

class TraceFile {
 public:
  // Attaches to `kernel`, which outlives it. Without a path nothing is
  // written, and without `hash` and `also`, who is told of the same events and
  // may be null, nothing is even looked at. Internal if the file cannot be
  // made.
  static absl::StatusOr<std::unique_ptr<TraceFile>> Open(
      os::Kernel& kernel, const std::string& path, bool hash,
      mm::TraceSink* also = nullptr);
  ~TraceFile();

  // Who is told of the scheduler's switches; null: nobody.
  mm::ScheduleObserver* observer() { return switches_.get(); }
  // Ends the trace with the schedule that repeats the run, and detaches. The
  // Status says whether all of it has been written; the second call does
  // nothing.
  absl::Status Close();
  // Of all events so far; 0 if nothing was looked at.
  uint64_t hash() const { return sink_ == nullptr ? 0 : sink_->hash(); }
  // Looks at nothing from Pause() to Resume(): for who lets copies of the
  // process run on.
  void Pause();
  void Resume();
  // "trace hash 0x... of N events"; empty if nothing was looked at.
  std::string Summary() const;

 private:
  explicit TraceFile(os::Kernel& kernel) : kernel_(kernel) {}
  void WriteLine(std::string_view line);
  void Attach();
  void Detach();

  os::Kernel& kernel_;
  std::string path_;
  std::FILE* file_ = nullptr;  // null: none, or closed
  bool attached_ = false;
  int write_error_ = 0;  // the first errno
  // A trace, and beside it another.
  mm::TraceSink* also_ = nullptr;
  std::unique_ptr<trace::JsonTrace> sink_;
  std::unique_ptr<mm::TraceSink> both_;
  std::unique_ptr<trace::SwitchTrace> switches_;
};

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_TRACE_FILE_H_
