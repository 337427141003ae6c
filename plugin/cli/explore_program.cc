#include "plugin/cli/explore_program.h"

#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "guest_mm/sync/given_strategy.h"
#include "plugin/cli/injection.h"
#include "plugin/cli/machine.h"
#include "plugin/cli/run_flags.h"
#include "plugin/cli/run_stats.h"
#include "plugin/cli/script_run.h"
#include "plugin/explore/forking_strategy.h"
#include "plugin/explore/token.h"
#include "plugin/inject/capture_console.h"
#include "plugin/inject/copy_process.h"
#include "plugin/linux/signal/signal_info.h"
#include "plugin/linux/task/validate_memory.h"

namespace faultline::cli {
namespace {

// Of virtual time, if the options name no limit; and of the host's CPU time.
constexpr uint64_t kLimitNs = 60'000'000'000;
constexpr int kWatchdogSeconds = 60;

// What each process tells the first one. Written at once, which a pipe keeps
// together up to 4096 bytes.
struct Report {
  char what[160] = {};
  uint64_t output = 0;
  uint32_t preemptions = 0;
  bool is_end = false;       // of a run; else a process has died
  char schedule[3900] = {};  // "": too long
};
static_assert(sizeof(Report) <= 4096);

template <size_t kBytes>
void Set(char (&to)[kBytes], const std::string& text) {
  if (text.size() < kBytes) {
    std::memcpy(to, text.c_str(), text.size() + 1);
  }
}

std::string EndOf(os::Kernel& kernel, const os::RunResult& result,
                  bool timed_out) {
  if (!kernel.failure().ok()) {
    return std::string(kernel.failure().message().substr(0, 100));
  }
  if (timed_out) {
    return "does not end in time";
  }
  switch (result.kind) {
    case os::RunResult::Kind::kDeadlock:
      return "deadlock";
    case os::RunResult::Kind::kKilled:
      return absl::StrCat("killed by ", os::SignalName(result.code));
    case os::RunResult::Kind::kExited:
      break;
  }
  return absl::StrCat("exit status ", result.code);
}

// One process: runs the machine to its end under whatever its strategy chooses,
// and tells the end.
void RunOne(Machine& machine, const RunOptions& o,
            explore::ForkingStrategy& strategy,
            const inject::CaptureConsole& console, int to_parent) {
  bool timed_out = false;
  auto injector = StartInjection(machine.kernel(), o, machine.paths(), nullptr);
  const os::RunResult result = machine.Run(
      o.time_limit_ns != 0 ? o.time_limit_ns : kLimitNs, &timed_out);
  if (injector.ok()) {
    (*injector)->Detach();
  }
  Report report;
  report.is_end = true;
  report.output = console.hash();
  report.preemptions = strategy.preemptions();
  Set(report.what, EndOf(machine.kernel(), result, timed_out));
  const std::string schedule = ScheduleOf(machine.kernel());
  Set(report.schedule, schedule);
  // A broken invariant ends this process, which its parent tells.
  (void)os::ValidateMemory(machine.kernel(), nullptr);
  (void)!write(to_parent, &report, sizeof report);
}

std::string DeathOf(int status) {
  const int signo = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  return signo == SIGPROF   ? "Faultline itself did not end"
         : signo == SIGABRT ? "broken invariant"
                            : absl::StrCat("Faultline died: status ", status);
}

struct Class {
  uint64_t count = 0;
  uint32_t preemptions = ~0u;
  std::string schedule;
};

std::string TokenOf(Machine& machine, const RunOptions& o,
                    explore::ForkingStrategy& strategy,
                    const std::string& schedule) {
  RunOptions again = o;
  again.schedule = schedule;
  if (again.time_limit_ns == 0) {
    again.time_limit_ns = kLimitNs;
  }
  explore::Token token{
      .command = "run", .cwd = machine.paths().cwd, .words = RunWords(again)};
  token.trace_hash = inject::AskCopy([&]() -> std::optional<uint64_t> {
    auto replay = mm::ParseStrategy(schedule, o.seed);
    if (!replay.ok()) {
      return std::nullopt;
    }
    strategy.Follow(*std::move(replay));
    machine.trace().Resume();
    auto injector = StartInjection(machine.kernel(), o, machine.paths(),
                                   machine.trace().observer());
    if (!injector.ok()) {
      return std::nullopt;
    }
    bool timed_out = false;
    (void)machine.Run(again.time_limit_ns, &timed_out);
    (*injector)->Detach();
    (void)machine.trace().Close();
    return machine.trace().hash();
  });
  return explore::Encode(token);
}

}  // namespace

absl::StatusOr<int> ExploreProgram(const ExploreProgramOptions& options) {
  RunOptions o = options.run;
  inject::CaptureConsole console;
  auto strategy = std::make_unique<explore::ForkingStrategy>();
  explore::ForkingStrategy& forking = *strategy;
  mm::GiveStrategy(std::move(strategy));
  o.schedule = mm::kGivenStrategy;
  auto machine = Machine::Make(o, console, {.trace_hash = true});
  if (!machine.ok()) {
    return machine.status();
  }
  (*machine)->trace().Pause();
  const auto first = inject::MakeCopy([&](int to_parent) {
    forking.Begin({.preemptions = options.preemptions, .runs = options.limit},
                  [to_parent](int status) {
                    Report report;
                    Set(report.what, DeathOf(status));
                    (void)!write(to_parent, &report, sizeof report);
                  });
    // Of the CPU's time: who waits for a copy uses none.
    const itimerval watchdog = {{0, 0}, {kWatchdogSeconds, 0}};
    setitimer(ITIMER_PROF, &watchdog, nullptr);
    RunOne(**machine, o, forking, console, to_parent);
  });
  if (!first.ok()) {
    return first.status();
  }
  std::map<std::string, Class> classes;
  uint64_t runs = 0;
  std::optional<std::pair<std::string, uint64_t>> usual;  // the last to end
  std::vector<std::pair<Report, bool>> reports;
  Report report;
  while (read(first->from, &report, sizeof report) == sizeof report) {
    reports.emplace_back(report, false);
    if (report.is_end && report.preemptions == 0 &&
        std::strlen(report.schedule) != 0) {
      usual = {report.what, report.output};
    }
  }
  const int status = inject::Finish(*first);
  if (!usual.has_value()) {
    return absl::InternalError(
        absl::StrCat("explore: the first run did not end: status ", status));
  }
  bool violated = false;
  for (const auto& [r, unused] : reports) {
    std::string what = r.what;
    if (r.is_end && what == usual->first) {
      absl::StrAppend(&what, r.output == usual->second
                                 ? ", with the usual output"
                                 : ", with another output");
    }
    violated = violated || !r.is_end || r.what != usual->first ||
               r.output != usual->second;
    Class& c = classes[what];
    ++c.count;
    ++runs;
    if (r.preemptions < c.preemptions && r.schedule[0] != '\0') {
      c.preemptions = r.preemptions;
      c.schedule = r.schedule;
    }
  }
  absl::PrintF(
      "%d runs, up to %d preemptions%s\n", runs, options.preemptions,
      forking.limit_reached() ? "; there are more" : ", all there are");
  for (const auto& [what, c] : classes) {
    absl::PrintF("%8d  %s", c.count, what);
    if (!c.schedule.empty()) {
      absl::PrintF(" (first with %d preemption%s)\n          %s", c.preemptions,
                   c.preemptions == 1 ? "" : "s",
                   TokenOf(**machine, o, forking, c.schedule));
    }
    absl::PrintF("\n");
  }
  return violated                  ? kExitViolated
         : forking.limit_reached() ? kExitUndecided
                                   : kExitHeld;
}

}  // namespace faultline::cli
