#include "plugin/cli/machine.h"

#include <optional>
#include <utility>
#include <vector>

#include "plugin/cli/program_arch.h"
#include "plugin/inject/time_limit.h"
#include "plugin/inject/user_points.h"

namespace faultline::cli {

absl::StatusOr<std::unique_ptr<Machine>> Machine::Make(const RunOptions& o,
                                                       os::Console& console,
                                                       const Watch& watch) {
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
  auto kernel = os::Kernel::Create(*options, console);
  if (!kernel.ok()) {
    return kernel.status();
  }
  std::unique_ptr<Machine> m(new Machine());
  m->paths_ = *std::move(paths);
  m->kernel_ = *std::move(kernel);
  m->kernel_->set_observer(watch.observer);
  mm::TraceSink* also = nullptr;
  if (watch.on_created) {
    auto sink = watch.on_created(*m->kernel_, m->paths_);
    if (!sink.ok()) {
      return sink.status();
    }
    also = *sink;
  }
  // Before anything happens in the machine: the program's loading is traced.
  auto trace = TraceFile::Open(*m->kernel_, watch.trace, m->paths_.program,
                               watch.trace_hash, also);
  if (!trace.ok()) {
    return trace.status();
  }
  m->trace_ = *std::move(trace);
  if (absl::Status s = PrepareFiles(*m->kernel_, o, m->paths_); !s.ok()) {
    return s;
  }
  if (absl::Status s = m->kernel_->Start(
          {m->paths_.program, o.command, *std::move(env), m->paths_.cwd});
      !s.ok()) {
    return s;
  }
  if (absl::Status s =
          inject::SetUserPoints(*m->kernel_, o.points, m->paths_.program);
      !s.ok()) {
    return s;
  }
  return m;
}

os::RunResult Machine::Run(uint64_t limit_ns, bool* timed_out) {
  std::optional<inject::TimeLimit> limit;
  if (limit_ns != 0) {
    limit.emplace(kernel_->scheduler(), kernel_->now() + limit_ns);
  }
  os::RunResult result = kernel_->Run();
  *timed_out = limit.has_value() && limit->reached();
  return result;
}

}  // namespace faultline::cli
