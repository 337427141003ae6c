#include "plugin/cli/explore_runs.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "guest_mm/base/check_handler.h"
#include "plugin/cli/injection.h"
#include "plugin/cli/run_stats.h"
#include "plugin/explore/story.h"
#include "plugin/inject/copy_process.h"
#include "plugin/inject/loaded_symbol.h"
#include "plugin/inject/time_limit.h"
#include "plugin/inject/watched_run.h"
#include "plugin/linux/signal/signal_info.h"
#include "plugin/linux/task/run_loop.h"
#include "plugin/linux/task/validate_memory.h"

namespace faultline::cli {
namespace {

using Kind = Ending::Kind;

// Of a story, from either end.
constexpr size_t kStretches = 12;

// Of a copy that told nothing.
Ending DeathOf(int status) {
  Ending e;
  const int signo = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  e.kind = Kind::kCrash;
  e.what = signo == SIGPROF ? "Faultline itself did not end"
           : signo != 0
               ? absl::StrCat("Faultline died of ", os::SignalName(signo))
               : absl::StrCat("Faultline ended with status ", status);
  return e;
}

// Keeps the story, in front of whoever else is told.
class Storyteller : public mm::ScheduleObserver {
 public:
  Storyteller(os::Kernel& kernel, const std::string& program,
              mm::ScheduleObserver* next, inject::Injector* injector)
      : kernel_(kernel), names_(program), next_(next), injector_(injector) {
    kernel_.scheduler().set_observer(this, /*wants_points=*/true);
  }
  void OnSwitch(const mm::Actor* from, const mm::Actor& to,
                const mm::PointSite* at) override {
    if (next_ != nullptr) {
      next_->OnSwitch(from, to, at);
    }
  }
  void OnPoint(const mm::Actor& actor, const mm::PointSite& at) override {
    story_.Add(actor.id(), actor.name(),
               &at == &os::kUserInsn ? "user " + PlaceOf(actor) : at.name);
    if (injector_ != nullptr) {
      injector_->OnPoint(actor, at);
    }
  }
  explore::Story& story() { return story_; }

 private:
  // The actor is a thread, and its registers are loaded.
  std::string PlaceOf(const mm::Actor& actor) {
    return names_.Of(*static_cast<const os::Task*>(actor.owner()),
                     kernel_.cpu().pc());
  }

  os::Kernel& kernel_;
  inject::CodeNames names_;
  mm::ScheduleObserver* next_;
  inject::Injector* injector_;  // who waits for points; null: nobody
  explore::Story story_{kStretches};
};

// Marks the preemptions in it.
class ToldStrategy : public mm::Strategy {
 public:
  ToldStrategy(std::unique_ptr<mm::Strategy> inner, explore::Story& story)
      : inner_(std::move(inner)), story_(story) {}
  size_t Choose(const mm::Choice& choice) override {
    const size_t chosen = inner_->Choose(choice);
    if (choice.current != nullptr && !choice.slice_over &&
        choice.runnable[chosen] != choice.current) {
      story_.Preempted();
    }
    return chosen;
  }
  std::string Name() const override { return inner_->Name(); }

 private:
  std::unique_ptr<mm::Strategy> inner_;
  explore::Story& story_;
};

// The run of this copy, and of those that it makes.
class CopyRun {
 public:
  CopyRun(const ExploreRuns::Setup& setup, int to_parent)
      : setup_(setup),
        kernel_(setup.machine.kernel()),
        trace_(setup.machine.trace()),
        to_parent_(to_parent) {
    active_ = this;
    SetCheckHandler(&OnCheckFailed);
    kernel_.scheduler().set_report_handler(
        [this](const mm::LockReport& report) {
          Broken(absl::StrCat(mm::ToString(report.kind), ": ", report.text));
        });
    inject::StartWatchdog();
  }

  // `strategy` null: the machine's own, which makes copies.
  void Run(std::unique_ptr<mm::Strategy> strategy,
           const ExploreRuns::Injects& injects, ExploreRuns::Tell tell) {
    const bool tells = tell == ExploreRuns::Tell::kYes;
    if (tells) {
      trace_.Resume();
    }
    RunOptions o = setup_.options;
    o.injects.insert(o.injects.end(), injects.begin(), injects.end());
    auto injector = StartInjection(kernel_, o, setup_.machine.paths(),
                                   tells ? trace_.observer() : nullptr);
    if (!injector.ok()) {
      _exit(1);  // its text was looked at before
    }
    if (tells) {
      inject::Injector* const told =
          o.injects.empty() ? nullptr : injector->get();
      teller_.emplace(kernel_, setup_.machine.paths().program,
                      told != nullptr ? told : trace_.observer(), told);
      strategy =
          std::make_unique<ToldStrategy>(std::move(strategy), teller_->story());
    }
    if (strategy != nullptr) {
      setup_.strategy.Follow(std::move(strategy));
    }
    inject::TimeLimit limit(kernel_.scheduler(),
                            kernel_.now() + setup_.limit_ns);
    const os::RunResult result = kernel_.Run();
    (*injector)->Detach();
    Ending e = Snapshot();
    if (tells) {
      (void)trace_.Close();
      e.trace_hash = trace_.hash();
    }
    if (!limit.reached() || !kernel_.failure().ok()) {
      NameEnd(result, e);
    } else {
      setup_.strategy.Follow(mm::MakeRoundRobin());
      NameStop(limit, e);
    }
    ended_ = std::move(e);
    (void)os::ValidateMemory(kernel_, nullptr);
    SendEnding(to_parent_, *ended_);
  }

 private:
  static void OnCheckFailed(const char*, int, const char* what) {
    active_->Broken(absl::StrCat("broken invariant: ", what));
  }

  // On whatever stack that is: this process has nothing to do any more.
  [[noreturn]] void Broken(std::string what) {
    SetCheckHandler(nullptr);
    Ending e = ended_.has_value() ? *std::move(ended_) : Snapshot();
    e.found_at_end = ended_.has_value();
    e.kind = Kind::kInvariant;
    e.what = std::move(what);
    e.trace_hash = std::nullopt;  // nobody could compare it
    SendEnding(to_parent_, e);
    _exit(0);
  }

  // What is known of the run so far.
  Ending Snapshot() {
    Ending e;
    e.output = setup_.console.hash();
    e.virtual_ns = kernel_.now().ns();
    e.choices = setup_.strategy.log().choices();
    e.turns = setup_.strategy.log().turns();
    if (teller_.has_value()) {
      e.story = teller_->story().Render();
      const std::string schedule = ScheduleOf(kernel_);
      e.schedule = schedule.starts_with("replay:") ? schedule : "";
    }
    return e;
  }

  void NameEnd(const os::RunResult& result, Ending& e) {
    if (const absl::Status& failure = kernel_.failure(); !failure.ok()) {
      e.kind = absl::IsAborted(failure) ? Kind::kInvariant : Kind::kCrash;
      e.what = std::string(failure.message());
      return;
    }
    switch (result.kind) {
      case os::RunResult::Kind::kDeadlock:
        NameDeadlock(e);
        return;
      case os::RunResult::Kind::kKilled:
        e.kind = Kind::kKilled;
        e.what = absl::StrCat("killed by ", os::SignalName(result.code));
        return;
      case os::RunResult::Kind::kExited:
        e.what = absl::StrCat("exit status ", result.code);
        return;
    }
  }

  void NameDeadlock(Ending& e) {
    e.kind = Kind::kDeadlock;
    e.what = "deadlock";
    e.detail = kernel_.scheduler().DescribeActors();
  }

  // The limit has ended it.
  void NameStop(inject::TimeLimit& limit, Ending& e) {
    if (kernel_.scheduler().runnable_count() == 0) {
      NameDeadlock(e);  // the limit was all that there was to wait for
      return;
    }
    limit.set(mm::VirtualTime::Never());
    e.detail = kernel_.scheduler().DescribeActors();
    const bool round = inject::ComesRound(kernel_);
    e.kind = round ? Kind::kLivelock : Kind::kHang;
    e.what = round ? "livelock" : "does not end in time";
  }

  static CopyRun* active_;
  const ExploreRuns::Setup& setup_;
  os::Kernel& kernel_;
  TraceFile& trace_;
  int to_parent_;
  std::optional<Storyteller> teller_;
  std::optional<Ending> ended_;
};

CopyRun* CopyRun::active_ = nullptr;

}  // namespace

absl::StatusOr<Ending> ExploreRuns::Run(std::unique_ptr<mm::Strategy> strategy,
                                        const Injects& injects, Tell tell) {
  const auto copy = inject::MakeCopy([&](int to_parent) {
    CopyRun(setup_, to_parent).Run(std::move(strategy), injects, tell);
  });
  if (!copy.ok()) {
    return copy.status();
  }
  std::optional<Ending> ending = ReceiveEnding(copy->from);
  const int status = inject::Finish(*copy);
  return ending.has_value() ? *std::move(ending) : DeathOf(status);
}

absl::StatusOr<bool> ExploreRuns::RunAll(
    const explore::ForkingStrategy::Limits& limits, const Injects& injects,
    const std::function<void(Ending)>& each) {
  const auto copy = inject::MakeCopy([&](int to_parent) {
    setup_.strategy.Begin(
        limits, {.in_copy = &inject::StartWatchdog,
                 .on_death = [to_parent](int status, const auto& turns) {
                   Ending e = DeathOf(status);
                   e.turns = turns;
                   SendEnding(to_parent, e);
                 }});
    CopyRun(setup_, to_parent).Run(nullptr, injects, Tell::kNo);
  });
  if (!copy.ok()) {
    return copy.status();
  }
  while (std::optional<Ending> ending = ReceiveEnding(copy->from)) {
    each(*std::move(ending));
  }
  if (const int status = inject::Finish(*copy); status != 0) {
    each(DeathOf(status));
  }
  return setup_.strategy.limit_reached();
}

}  // namespace faultline::cli
