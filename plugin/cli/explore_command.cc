#include "plugin/cli/explore_command.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "plugin/cli/exit_status.h"
#include "plugin/cli/explore_program.h"
#include "plugin/cli/run_flags.h"
#include "plugin/cli/script_run.h"

namespace faultline::cli {
namespace {

constexpr int kUsualBound = 1;

class ExploreUsage : public CLI::Formatter {
 public:
  std::string make_usage(const CLI::App*, std::string) const override {
    return "\nUsage: faultline explore [OPTIONS] PROGRAM|SCRIPT.lua [ARG...]\n"
           "\nThe exit status is 0 if all schedules end alike and all held, 1 "
           "if not, 3 if there are\nmore schedules than the limit.\n";
  }
};

}  // namespace

ExploreCommand::ExploreCommand(CLI::App& app) {
  command_ = app.add_subcommand(
      "explore", "Run a program or a script in every order of its events");
  command_->formatter(std::make_shared<ExploreUsage>());
  AddRunFlags(*command_, options_);
  command_->add_option("--strategy", strategy_,
                       "exhaustive[:PREEMPTIONS] | "
                       "full[:PREEMPTIONS] | random[:RUNS] | "
                       "pct[:DEPTH[:RUNS]]");
  command_->add_option("--bound", bound_, "Preemptions at most")
      ->check(CLI::Range(0, 64));
  command_
      ->add_option("--limit", limit_,
                   "Of programs: runs at most of an exhaustive search")
      ->capture_default_str();
  command_
      ->add_option("--with-inject", with_injects_,
                   "Of programs: explore once more with each passing of these "
                   "sites failing: SITE[,SITE...]")
      ->allow_extra_args(false);
}

int ExploreCommand::Run() {
  const absl::StatusOr<int> status = Explore();
  return status.ok() ? *status : Complain(status.status());
}

absl::StatusOr<int> ExploreCommand::Explore() {
  if (absl::Status s = TakeCommand(*command_, "explore", options_); !s.ok()) {
    return s;
  }
  std::string search = strategy_;
  if (search.empty() && bound_ >= 0) {
    search = absl::StrCat("exhaustive:", bound_);
  }
  if (options_.command.front().ends_with(".lua")) {
    if (!with_injects_.empty() || !options_.points.empty()) {
      return absl::InvalidArgumentError(
          "explore: --with-inject and --points are for programs; a script says "
          "itself what fails");
    }
    ScriptRunOptions o;
    o.file = options_.command.front();
    o.arguments.assign(options_.command.begin() + 1, options_.command.end());
    o.kernel = options_.kernel;
    o.behaviours = options_.behaviours;
    o.seed = options_.seed;
    o.search = search;
    return RunScript(o);
  }
  auto plan = explore::ParsePlan(
      search.empty() ? absl::StrCat("exhaustive:", kUsualBound) : search);
  if (!plan.ok()) {
    return plan.status();
  }
  return ExploreProgram({.run = options_,
                         .plan = *plan,
                         .limit = limit_,
                         .with_injects = with_injects_});
}

}  // namespace faultline::cli
