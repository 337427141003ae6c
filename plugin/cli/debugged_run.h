#ifndef FAULTLINE_PLUGIN_CLI_DEBUGGED_RUN_H_
#define FAULTLINE_PLUGIN_CLI_DEBUGGED_RUN_H_

// --gdb: a run with a debugger. Without the option all of this does nothing.

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "plugin/cli/run_options.h"
#include "plugin/gdb/connection.h"
#include "plugin/gdb/console.h"
#include "plugin/gdb/history.h"
#include "plugin/gdb/stub.h"
#include "plugin/inject/injector.h"
#include "plugin/linux/kernel.h"

namespace faultline::cli {

class DebuggedRun {
 public:
  // Returns the console that the machine is to have, which is over `outside`.
  // InvalidArgument: the option makes no sense with another.
  absl::StatusOr<os::Console*> Prepare(const RunOptions& options,
                                       os::Console& outside);
  // Before the run: waits for gdb. `next` as StartInjection() has it; all of
  // them live until Detach(). InvalidArgument: gdb can be nowhere like that;
  // Unavailable: the host refuses.
  absl::Status Attach(os::Kernel& kernel, inject::Injector& injector,
                      const RunPaths& paths, mm::ScheduleObserver* next);
  void Detach() { stub_.reset(); }
  // Everything has been said. Returns `status`, unless the process is a copy of
  // the one that the user has started: then both end here.
  int End(int status);

 private:
  std::string where_;  // empty: no debugger
  std::unique_ptr<gdb::Connection> connection_;
  std::optional<gdb::RewindConsole> console_;
  gdb::History history_;
  std::optional<gdb::Stub> stub_;
};

}  // namespace faultline::cli

#endif  // FAULTLINE_PLUGIN_CLI_DEBUGGED_RUN_H_
