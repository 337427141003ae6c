#include "plugin/cli/run_command.h"

#include <cstdio>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "plugin/cli/exit_status.h"
#include "plugin/cli/injection.h"
#include "plugin/cli/machine.h"
#include "plugin/cli/plugins.h"
#include "plugin/cli/run_flags.h"
#include "plugin/cli/run_observer.h"
#include "plugin/cli/run_stats.h"
#include "plugin/cli/trace_file.h"
#include "plugin/cli/uffd_report.h"
#include "plugin/linux/console.h"
#include "plugin/linux/kernel.h"

namespace faultline::cli {
namespace {

// One line at the end of a report: how to have the same run again.
std::string ScheduleLine(os::Kernel& kernel) {
  return absl::StrCat("schedule ", ScheduleOf(kernel), "\n");
}

absl::StatusOr<int> ExitStatus(os::Kernel& kernel,
                               const os::RunResult& result) {
  if (!kernel.failure().ok()) {
    return kernel.failure();
  }
  // A recorded schedule leaves the same record, if the run is the same.
  if (kernel.options().schedule.starts_with("replay:") &&
      kernel.options().schedule != ScheduleOf(kernel)) {
    return absl::InvalidArgumentError(
        "--schedule: the replay token is of another run: the program, its "
        "input, the seed or an option differs");
  }
  if (result.kind == os::RunResult::Kind::kDeadlock) {
    return absl::AbortedError(absl::StrCat("deadlock: no task can go on\n",
                                           result.why, ScheduleLine(kernel)));
  }
  return result.exit_status();
}

// A machine that was stopped in the middle: who was at work still holds what he
// held, and nothing can be taken apart. The process is about to end.
void Leave(std::unique_ptr<Machine> machine) {
  static auto* const left = new std::vector<std::unique_ptr<Machine>>;
  left->push_back(std::move(machine));
}

// Options end at the program's name; what follows is the program's own.
class RunUsage : public CLI::Formatter {
 public:
  std::string make_usage(const CLI::App*, std::string) const override {
    return "\nUsage: faultline run [OPTIONS] PROGRAM [ARG...]\n"
           "\nThe exit status is the program's, 128 and the signal's number if "
           "one killed it,\n124 if --time-limit ended it, 125 if Faultline "
           "failed, 2 if it "
           "was called wrongly.\n";
  }
};

}  // namespace

RunCommand::RunCommand(CLI::App& app) {
  CLI::App* c = app.add_subcommand("run", "Run one program");
  c->formatter(std::make_shared<RunUsage>());
  command_ = c;
  RunOptions& o = options_;
  AddRunFlags(*c, o);
  AddPrintFlags(*c, o);
}

void AddPrintFlags(CLI::App& c, RunOptions& o) {
  c.add_flag("--strace", o.strace, "Print system calls and signals");
  AddTraceFlags(c, o.trace);
  c.add_option("--gdb", o.gdb,
               "Wait for gdb at PORT or unix:PATH before the first "
               "instruction (docs/gdb.md)");
  c.add_option("--plugin", o.plugins,
               "Load a plug-in, QEMU's or our own: FILE.so[,KEY=VALUE...]")
      ->allow_extra_args(false);
  c.add_flag("--stats", o.stats, "Print counts at the end");
  c.add_flag("--watch", o.watch,
             "Show the machine at work in the terminal's lowest lines");
  c.add_flag("--uffd-stats", o.uffd_stats,
             "Print what became of each range of userfaultfd at the end");
  c.add_flag("-d", o.disassemble, "Disassemble around every fault");
  c.add_flag("--ptdump", o.dump_page_tables,
             "Print page tables at the end or on a fatal signal");
}

int RunCommand::Run() {
  if (absl::Status s = TakeCommand(*command_, "run", options_); !s.ok()) {
    return Complain(s);
  }
  os::HostConsole console;
  DebuggedRun debugged;
  const absl::StatusOr<int> status =
      RunProgram(options_, console, nullptr, debugged);
  return debugged.End(status.ok() ? *status : Complain(status.status()));
}

absl::StatusOr<int> RunProgram(const RunOptions& o, os::Console& outside,
                               std::optional<uint64_t>* trace_hash,
                               DebuggedRun& debugged) {
  const absl::StatusOr<os::Console*> console = debugged.Prepare(o, outside);
  if (!console.ok()) {
    return console.status();
  }
  RunObserver observer({.strace = o.strace,
                        .disassemble = o.disassemble,
                        .dump_page_tables = o.dump_page_tables,
                        .watch = o.watch});
  Plugins plugins(o.plugins, observer);  // gone after the machine
  auto machine = Machine::Make(o, **console,
                               {.observer = &observer,
                                .trace = o.trace,
                                .trace_hash = o.stats || trace_hash != nullptr,
                                .on_created = plugins.Loader()});
  if (!machine.ok()) {
    return machine.status();
  }
  os::Kernel& kernel = (*machine)->kernel();
  TraceFile& trace = (*machine)->trace();
  if (o.uffd_stats) {
    kernel.memory().uffd().stats.Enable();
  }
  auto injector = StartInjection(
      kernel, o, (*machine)->paths(), trace.observer(),
      trace.wants_points() ? inject::Injector::NextWants::kPoints
                           : inject::Injector::NextWants::kSwitches,
      plugins.Rules());
  if (!injector.ok()) {
    return injector.status();
  }
  if (absl::Status s = debugged.Attach(kernel, **injector, (*machine)->paths(),
                                       trace.observer());
      !s.ok()) {
    return s;
  }
  bool timed_out = false;
  const os::RunResult result = (*machine)->Run(o.time_limit_ns, &timed_out);
  debugged.Detach();
  plugins.Finish();
  (*injector)->Detach();
  const absl::Status traced = trace.Close();
  if (trace_hash != nullptr) {
    *trace_hash = trace.hash();
  }
  if (o.stats) {
    absl::FPrintF(stderr, "%s%s%s%s", RenderStats(kernel),
                  RenderInjections(**injector), ScheduleLine(kernel),
                  trace.Summary());
  }
  if (o.uffd_stats) {
    absl::FPrintF(stderr, "%s", RenderUffdStats(kernel.memory().uffd().stats));
  }
  if (!traced.ok()) {
    return traced;
  }
  if (timed_out || !kernel.failure().ok() ||
      result.kind == os::RunResult::Kind::kDeadlock) {
    Leave(*std::move(machine));
  }
  if (timed_out && kernel.failure().ok()) {
    // With a limit there is always something left to wait for.
    const bool all_wait = kernel.scheduler().runnable_count() == 0;
    absl::FPrintF(stderr, "faultline: ended by --time-limit%s\n",
                  all_wait ? absl::StrCat(", and no task can go on\n",
                                          kernel.scheduler().DescribeActors())
                           : "");
    return kExitTimedOut;
  }
  return ExitStatus(kernel, result);
}

}  // namespace faultline::cli
