#include "plugin/cli/run_command.h"

#include <cstdio>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "plugin/cli/exit_status.h"
#include "plugin/cli/injection.h"
#include "plugin/cli/program_arch.h"
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

// Options end at the program's name; what follows is the program's own.
class RunUsage : public CLI::Formatter {
 public:
  std::string make_usage(const CLI::App*, std::string) const override {
    return "\nUsage: faultline run [OPTIONS] PROGRAM [ARG...]\n"
           "\nThe exit status is the program's, 128 and the signal's number if "
           "one killed it,\n125 if Faultline failed, 2 if it was called "
           "wrongly.\n";
  }
};

}  // namespace

RunCommand::RunCommand(CLI::App& app) {
  CLI::App* c = app.add_subcommand("run", "Run one program");
  c->formatter(std::make_shared<RunUsage>());
  command_ = c;
  RunOptions& o = options_;
  c->prefix_command();
  c->add_option("--seed", o.seed, "Of everything random in the machine");
  c->add_option("--mem", o.memory, "Its memory: 512M, 2G")
      ->capture_default_str();
  c->add_option("--swap", o.swap, "Room to swap to: 512M (default: none)");
  c->add_option("--disk", o.disk, "A disk on /disk: 64M (default: none)");
  c->add_flag("--la57", o.la57, "x86-64: page tables of five levels");
  c->add_option("--granule", o.granule, "arm64: pages of 4K, 16K or 64K")
      ->capture_default_str();
  c->add_flag("--strace", o.strace, "Print system calls and signals");
  c->add_option("--trace", o.trace_file, "Write events to FILE, as JSON lines");
  c->add_flag("--stats", o.stats, "Print counts at the end");
  c->add_flag("--uffd-stats", o.uffd_stats,
              "Print what became of each range of userfaultfd at the end");
  c->add_flag("--validate", o.validate,
              "Check the memory manager after every call and fault (slow)");
  c->add_option("--schedule", o.schedule,
                "rr | random[:SEED] | replay:TOKEN | replay:@FILE")
      ->capture_default_str();
  c->add_option("--kernel", o.kernel,
                "Follow the rules of this Linux (6.1 or so) instead of 6.12's");
  c->add_option("--behaviour", o.behaviours,
                "Set one rule: NAME=VALUE (see `faultline behaviours`)")
      ->allow_extra_args(false);
  c->add_option("--bind", o.binds, "Show a host path: HOST:GUEST[:rw]")
      ->allow_extra_args(false);
  c->add_option("--set", o.sets, "Write a file before the start: PATH=VALUE")
      ->allow_extra_args(false);
  c->add_option("--user", o.uid, "User and group of the program");
  c->add_option("--env", o.env, "Set an environment variable: K=V")
      ->allow_extra_args(false);
  c->add_option("--inject", o.injects,
                "Make something fail or happen: SITE[:nth=N]...[=ACTION] "
                "(see `faultline sites`)")
      ->allow_extra_args(false);
  c->add_flag("-d", o.disassemble, "Disassemble around every fault");
  c->add_flag("--ptdump", o.dump_page_tables,
              "Print page tables at the end or on a fatal signal");
  c->add_flag("--no-aslr", o.no_aslr, "Place everything at fixed addresses");
}

int RunCommand::Run() {
  options_.command = command_->remaining();
  const absl::StatusOr<int> status = RunProgram();
  return status.ok() ? *status : Complain(status.status());
}

absl::StatusOr<int> RunCommand::RunProgram() const {
  const RunOptions& o = options_;
  if (o.command.empty()) {
    return absl::InvalidArgumentError("run: no program named");
  }
  if (o.command.front().starts_with("-")) {
    return absl::InvalidArgumentError(
        absl::StrCat("run: unknown option ", o.command.front()));
  }
  auto options = MakeKernelOptions(o);
  if (!options.ok()) {
    return options.status();
  }
  auto env = MakeEnvironment(o);
  if (!env.ok()) {
    return env.status();
  }
  auto paths = FindPaths(o);
  if (!paths.ok()) {
    return paths.status();
  }
  auto arch = ProgramArch(paths->program);
  if (!arch.ok()) {
    return arch.status();
  }
  options->arch = *arch;
  os::HostConsole console;
  auto made = os::Kernel::Create(*options, console);
  if (!made.ok()) {
    return made.status();
  }
  os::Kernel& kernel = **made;
  RunObserver observer({.strace = o.strace,
                        .disassemble = o.disassemble,
                        .dump_page_tables = o.dump_page_tables});
  kernel.set_observer(&observer);
  // Before anything happens in the machine: the program's loading is traced.
  auto trace = TraceFile::Open(kernel, o.trace_file, o.stats);
  if (!trace.ok()) {
    return trace.status();
  }
  if (absl::Status s = PrepareFiles(kernel, o, *paths); !s.ok()) {
    return s;
  }
  if (absl::Status s = kernel.Start(
          {paths->program, o.command, *std::move(env), paths->cwd});
      !s.ok()) {
    return s;
  }
  if (o.uffd_stats) {
    kernel.memory().uffd().stats.Enable();
  }
  auto injector = StartInjection(kernel, o, *paths, (*trace)->observer());
  if (!injector.ok()) {
    return injector.status();
  }
  const os::RunResult result = kernel.Run();
  (*injector)->Detach();
  const absl::Status traced = (*trace)->Close();
  if (o.stats) {
    absl::FPrintF(stderr, "%s%s%s%s", RenderStats(kernel),
                  RenderInjections(**injector), ScheduleLine(kernel),
                  (*trace)->Summary());
  }
  if (o.uffd_stats) {
    absl::FPrintF(stderr, "%s", RenderUffdStats(kernel.memory().uffd().stats));
  }
  if (!traced.ok()) {
    return traced;
  }
  return ExitStatus(kernel, result);
}

}  // namespace faultline::cli
