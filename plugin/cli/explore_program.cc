#include "plugin/cli/explore_program.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "guest_mm/sync/given_strategy.h"
#include "plugin/cli/exit_status.h"
#include "plugin/cli/explore_classes.h"
#include "plugin/cli/explore_runs.h"
#include "plugin/cli/machine.h"
#include "plugin/cli/run_flags.h"
#include "plugin/cli/script_run.h"
#include "plugin/explore/shrink.h"
#include "plugin/explore/token.h"
#include "plugin/inject/sweep.h"

namespace faultline::cli {
namespace {

// Of virtual time, for the first run; then a run may take so much longer.
constexpr uint64_t kFirstLimitNs = 60'000'000'000;
constexpr uint64_t kPatience = 100, kLeastPatienceNs = 10'000'000;
// Candidates for one witness.
constexpr int kMostShrinking = 400;

using Kind = explore::SearchPlan::Kind;

class Explorer {
 public:
  Explorer(const ExploreProgramOptions& options, Machine& machine,
           ExploreRuns& runs, Ending usual)
      : options_(options),
        machine_(machine),
        runs_(runs),
        usual_(std::move(usual)),
        classes_(usual_) {}

  // All schedules with this injection.
  absl::Status Explore(const OneInjection& injection) {
    const ExploreRuns::Injects injects = InjectsOf(injection);
    if (IsSampled()) {
      return Sample(injection, injects);
    }
    // Those with fewer preemptions first: the limit may come before the end.
    const unsigned most = options_.plan.preemptions;
    bool more = false;
    for (unsigned n = std::min(most, 1u); n <= most && !more; ++n) {
      const auto left_out = runs_.RunAll(
          {.preemptions = n, .runs = options_.limit}, injects, [&](Ending e) {
            if (n <= 1 || explore::Preemptions(e.turns) == n) {
              classes_.Add(injection, e);
            }
          });
      if (!left_out.ok()) {
        return left_out.status();
      }
      more = *left_out;
    }
    limit_reached_ |= more;
    return absl::OkStatus();
  }

  // Makes of what was found something to read and to repeat.
  absl::Status Witness() {
    for (auto& [key, c] : classes_.all()) {
      if (c.violated) {
        if (absl::Status s = Shrink(key.second, c); !s.ok()) {
          return s;
        }
      }
      if (absl::Status s = TellOf(key.second, c); !s.ok()) {
        return s;
      }
    }
    return absl::OkStatus();
  }

  std::string Summary() const {
    const explore::SearchPlan& plan = options_.plan;
    if (IsSampled()) {
      return absl::StrFormat("%d runs, %s, seed %d\n", classes_.runs(),
                             plan.kind == Kind::kRandom
                                 ? "at random"
                                 : absl::StrCat("pct of depth ", plan.depth),
                             options_.run.seed);
    }
    return absl::StrFormat(
        "%d runs, up to %d preemption%s%s\n", classes_.runs(), plan.preemptions,
        plan.preemptions == 1 ? "" : "s",
        limit_reached_ ? "; there are more" : ", all there are");
  }
  const Classes& classes() const { return classes_; }
  int status() const {
    return classes_.violated() ? kExitViolated
           : limit_reached_    ? kExitUndecided
                               : kExitHeld;
  }

 private:
  bool IsSampled() const {
    return options_.plan.kind == Kind::kRandom ||
           options_.plan.kind == Kind::kPct;
  }
  static ExploreRuns::Injects InjectsOf(const OneInjection& injection) {
    return injection.rule.empty() ? ExploreRuns::Injects()
                                  : ExploreRuns::Injects{injection.rule};
  }

  absl::Status Sample(const OneInjection& injection,
                      const ExploreRuns::Injects& injects) {
    const explore::SearchPlan& plan = options_.plan;
    for (uint64_t i = 0; i < plan.runs; ++i) {
      const uint64_t seed = options_.run.seed + i;
      // The first is the usual one, so that there is something to compare with.
      auto ending = runs_.Run(
          i == 0 ? mm::MakeRoundRobin()
          : plan.kind == Kind::kRandom
              ? mm::MakeRandom(seed)
              : explore::MakePctStrategy(seed, plan.depth, usual_.choices),
          injects);
      if (!ending.ok()) {
        return ending.status();
      }
      classes_.Add(injection, *ending);
    }
    return absl::OkStatus();
  }

  // Without the injection, if it ends so without; then with as few turns as it
  // can be.
  absl::Status Shrink(const std::string& name, EndClass& c) {
    absl::Status trouble;
    const auto same = [&](std::vector<explore::Turn>& turns,
                          const OneInjection& injection) {
      auto ending = runs_.Run(explore::MakeTurns(turns), InjectsOf(injection));
      if (!ending.ok()) {
        trouble = ending.status();
        return false;
      }
      turns = ending->turns;
      return classes_.NameOf(*ending) == name;
    };
    if (!c.injection.rule.empty()) {
      std::vector<explore::Turn> turns = c.best.turns;
      if (same(turns, {})) {
        c.note = absl::StrCat("Found with ", c.injection.rule,
                              ", and it is the same without.");
        c.injection = {};
        c.best.turns = std::move(turns);
        if (classes_.all().contains({"", name})) {
          return trouble;  // told there
        }
      }
    }
    const explore::Shrunk shrunk = explore::Shrink(
        c.best.turns,
        [&](std::vector<explore::Turn>& turns) {
          return same(turns, c.injection);
        },
        kMostShrinking);
    c.best.turns = shrunk.turns;
    if (absl::Status s = LookForFewer(name, c); !s.ok()) {
      return s;
    }
    if (!shrunk.minimal) {
      absl::StrAppend(&c.note, c.note.empty() ? "" : "\n",
                      "It may not be the smallest schedule: ", shrunk.runs,
                      " were tried.");
    }
    return trouble;
  }

  // That no preemption can be left out says nothing of other schedules: those
  // with fewer are looked through, up to the limit.
  absl::Status LookForFewer(const std::string& name, EndClass& c) {
    if (!IsSampled() && !limit_reached_) {
      return absl::OkStatus();  // they were
    }
    bool found = false;
    for (unsigned n = 0; n < explore::Preemptions(c.best.turns) && !found;
         ++n) {
      const auto more =
          runs_.RunAll({.preemptions = n, .runs = options_.limit},
                       InjectsOf(c.injection), [&](const Ending& e) {
                         if (!found && classes_.NameOf(e) == name) {
                           found = true;
                           c.best.turns = e.turns;
                         }
                       });
      if (!more.ok()) {
        return more.status();
      }
    }
    return absl::OkStatus();
  }

  absl::Status TellOf(const std::string& name, EndClass& c) {
    const ExploreRuns::Injects injects = InjectsOf(c.injection);
    auto found = runs_.Run(explore::MakeTurns(c.best.turns), injects,
                           ExploreRuns::Tell::kYes);
    if (!found.ok()) {
      return found.status();
    }
    if (found->schedule.empty()) {
      c.note = "There is no token: the schedule is too long, or died with it.";
      return absl::OkStatus();
    }
    // What a token has is the schedule; whoever replays it has no turns.
    auto replay = mm::ParseStrategy(found->schedule, options_.run.seed);
    if (!replay.ok()) {
      return replay.status();
    }
    auto again =
        runs_.Run(*std::move(replay), injects, ExploreRuns::Tell::kYes);
    if (!again.ok()) {
      return again.status();
    }
    if (classes_.NameOf(*again) != name) {
      return absl::InternalError(absl::StrCat(
          "explore: a schedule that ended with '", name, "' ends with '",
          classes_.NameOf(*again), "' when it is repeated"));
    }
    c.best = *std::move(again);
    RunOptions o = options_.run;
    o.schedule = c.best.schedule;
    o.injects.insert(o.injects.end(), injects.begin(), injects.end());
    o.time_limit_ns = runs_.limit_ns();
    o.validate |= c.best.found_at_end;
    c.token = explore::Encode({.command = "run",
                               .cwd = machine_.paths().cwd,
                               .words = RunWords(o),
                               .trace_hash = c.best.trace_hash});
    return absl::OkStatus();
  }

  const ExploreProgramOptions& options_;
  Machine& machine_;
  ExploreRuns& runs_;
  Ending usual_;
  Classes classes_;
  bool limit_reached_ = false;
};

// Each passing of each site that the run without injections comes to.
absl::StatusOr<std::vector<OneInjection>> InjectionsOf(
    const ExploreProgramOptions& options, Machine& machine,
    inject::CaptureConsole& console, uint64_t limit_ns,
    std::map<std::string, uint64_t>* passings) {
  std::vector<OneInjection> injections;
  if (options.with_injects.empty()) {
    return injections;
  }
  auto rules = inject::SweepRules(options.with_injects);
  if (!rules.ok()) {
    return rules.status();
  }
  inject::Sweep sweep({.kernel = machine.kernel(),
                       .console = console,
                       .program = machine.paths().program,
                       .rules = *rules,
                       .seed = options.run.seed,
                       .learn_limit_ns = limit_ns});
  const auto learned = sweep.Learn();
  if (!learned.ok()) {
    return learned.status();
  }
  for (size_t i = 0; i < rules->size(); ++i) {
    const std::string site =
        absl::StrCat((*rules)[i].site, "=", inject::ActionText((*rules)[i]));
    (*passings)[site] += learned->passings[i];
    for (uint64_t nth = 1; nth <= learned->passings[i]; ++nth) {
      injections.push_back(
          {.site = site,
           .rule = inject::ToString(inject::ForPassing((*rules)[i], nth))});
    }
  }
  return injections;
}

}  // namespace

absl::StatusOr<int> ExploreProgram(const ExploreProgramOptions& options) {
  if (!options.with_injects.empty() && !options.run.injects.empty()) {
    return absl::InvalidArgumentError(
        "explore: --inject and --with-inject do not go together");
  }
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
  ExploreRuns runs(
      {.machine = **machine,
       .options = o,
       .strategy = forking,
       .console = console,
       .limit_ns = o.time_limit_ns != 0 ? o.time_limit_ns : kFirstLimitNs});
  const auto usual = runs.Run(mm::MakeRoundRobin(), {});
  if (!usual.ok()) {
    return usual.status();
  }
  std::map<std::string, uint64_t> passings;
  const auto injections =
      InjectionsOf(options, **machine, console, runs.limit_ns(), &passings);
  if (!injections.ok()) {
    return injections.status();
  }
  if (o.time_limit_ns == 0 && !IsViolation(*usual)) {
    runs.set_limit_ns(usual->virtual_ns * kPatience + kLeastPatienceNs);
  }
  Explorer explorer(options, **machine, runs, *usual);
  if (absl::Status s = explorer.Explore({}); !s.ok()) {
    return s;
  }
  for (const OneInjection& injection : *injections) {
    if (absl::Status s = explorer.Explore(injection); !s.ok()) {
      return s;
    }
  }
  if (absl::Status s = explorer.Witness(); !s.ok()) {
    return s;
  }
  absl::PrintF("%s%s", explorer.Summary(),
               RenderClasses(explorer.classes(), passings));
  return explorer.status();
}

}  // namespace faultline::cli
