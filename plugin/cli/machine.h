#ifndef FAULTLINE_PLUGIN_CLI_MACHINE_H_
#define FAULTLINE_PLUGIN_CLI_MACHINE_H_

// Machine: from options to a machine whose program is loaded and has not run.

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "plugin/cli/run_options.h"
#include "plugin/cli/trace_file.h"
#include "plugin/linux/console.h"
#include "plugin/linux/kernel.h"
#include "plugin/linux/observer.h"

namespace faultline::cli {

class Machine {
 public:
  // Called once the machine is there, before anything happens in it. What is
  // wrong with it ends the making; else who is told of events beside the trace,
  // or null.
  using Creation = std::function<absl::StatusOr<mm::TraceSink*>(
      os::Kernel&, const RunPaths&)>;
  // What is looked at while it runs.
  struct Watch {
    os::KernelObserver* observer = nullptr;  // null: nobody
    TraceFlags trace{};
    bool trace_hash = false;
    Creation on_created{};
  };
  // `console` and the observer outlive it. The Status says what is wrong with
  // the options (InvalidArgument) or the host.
  static absl::StatusOr<std::unique_ptr<Machine>> Make(
      const RunOptions& options, os::Console& console, const Watch& watch);

  os::Kernel& kernel() { return *kernel_; }
  TraceFile& trace() { return *trace_; }
  const RunPaths& paths() const { return paths_; }

  // It ends by itself or, if that is not 0, when `limit_ns` of its time are
  // over; then `*timed_out`.
  os::RunResult Run(uint64_t limit_ns, bool* timed_out);

 private:
  Machine() = default;

  RunPaths paths_;
  std::unique_ptr<os::Kernel> kernel_;
  std::unique_ptr<TraceFile> trace_;
};

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_MACHINE_H_
