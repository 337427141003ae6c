#include "plugin/inject/sweep.h"

#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "guest_mm/base/check.h"
#include "plugin/inject/copy_process.h"
#include "plugin/inject/injector.h"
#include "plugin/inject/kernel_rules.h"
#include "plugin/inject/sweep_judge.h"
#include "plugin/inject/sweep_message.h"
#include "plugin/inject/watched_run.h"
#include "plugin/linux/task/validate_memory.h"

namespace faultline::inject {
namespace {

// An experiment may take so much longer than the run without one.
constexpr uint64_t kPatience = 100;
constexpr uint64_t kLeastPatienceNs = 100'000'000;
// Of the host's time, before a machine is taken to hang itself.
constexpr int kWatchdogSeconds = 60;

RunEnd EndOf(const SweepSetup& setup, const os::RunResult& result) {
  return {.killed = result.kind == os::RunResult::Kind::kKilled,
          .code = result.code,
          .output = setup.console.hash(),
          .virtual_ns = setup.kernel.now().ns()};
}

// What the end of the machine's run is told as.
Message ReportOf(const SweepSetup& setup, const os::RunResult& result,
                 Limit limit) {
  Message m;
  m.kind = Message::Kind::kReport;
  m.run = EndOf(setup, result);
  m.limit = limit;
  const absl::Status& failure = setup.kernel.failure();
  if (!failure.ok()) {
    m.failure = absl::IsAborted(failure) ? Message::Failure::kBug
                                         : Message::Failure::kOurs;
    m.SetText(std::string(failure.message()));
  }
  return m;
}

// One that runs the machine, in a copy of the process.
class Learner {
 public:
  Learner(const SweepSetup& setup, int to_parent)
      : setup_(setup), to_parent_(to_parent) {}

  // A passing that a rule means is chosen or not.
  using Chooses = std::function<bool(size_t rule, uint64_t nth)>;
  absl::Status AddRules(const Chooses& chooses) {
    Prepare(injector_, setup_.kernel);
    for (size_t i = 0; i < setup_.rules.size(); ++i) {
      absl::Status s =
          AddRule(injector_, setup_.kernel, setup_.rules[i], setup_.program,
                  [chooses, i](uint64_t nth) { return chooses(i, nth); });
      if (!s.ok()) {
        return s;
      }
    }
    return absl::OkStatus();
  }
  // Runs, and tells the end and then that nothing was found wrong with it.
  void Run(WatchedRun& run, Experiment* experiment) {
    injector_.Attach(nullptr);
    const os::RunResult result = run.Run();
    injector_.Detach();
    Message m = ReportOf(setup_, result, run.limit());
    m.experiment = *experiment;
    Send(to_parent_, m);
    (void)os::ValidateMemory(setup_.kernel, nullptr);
    m.kind = Message::Kind::kValidated;
    Send(to_parent_, m);
  }

 private:
  const SweepSetup& setup_;
  int to_parent_;
  Injector injector_{setup_.kernel.scheduler(), setup_.kernel.trace(),
                     setup_.seed};
};

// The second learner, and what it becomes in each copy that it makes.
class Experimenter {
 public:
  Experimenter(const SweepSetup& setup, const Learned& learned,
               const std::set<Experiment>& plan, int to_parent)
      : setup_(setup),
        learned_(learned),
        plan_(plan),
        to_parent_(to_parent),
        learner_(setup, to_parent) {}

  void Run() {
    FL_CHECK(learner_
                 .AddRules([this](size_t rule, uint64_t nth) {
                   return Chooses({rule, nth});
                 })
                 .ok());
    watched_.emplace(setup_.kernel, setup_.learn_limit_ns);
    current_ = {setup_.rules.size(), 0};  // none
    learner_.Run(*watched_, &current_);
    while (!copies_.empty()) {
      Reap();
    }
  }

 private:
  // True in the copy.
  bool Chooses(const Experiment& e) {
    if (is_copy_ || !plan_.contains(e)) {
      return false;
    }
    while (int(copies_.size()) >= setup_.jobs) {
      Reap();
    }
    const pid_t parent = getpid();
    pid_t pid = fork();
    while (pid < 0 && !copies_.empty()) {  // when others end, there is room
      Reap();
      pid = fork();
    }
    if (pid < 0) {
      Message m;
      m.kind = Message::Kind::kNoRoom;
      m.experiment = e;
      m.SetText(std::strerror(errno));
      Send(to_parent_, m);
      return false;
    }
    if (pid > 0) {
      copies_.emplace(pid, e);
      return false;
    }
    DieWithParent(parent);
    is_copy_ = true;
    current_ = e;
    copies_.clear();
    watched_->set_limit(learned_.limit_ns);
    const itimerval watchdog = {{0, 0}, {kWatchdogSeconds, 0}};
    setitimer(ITIMER_REAL, &watchdog, nullptr);
    return true;
  }

  void Reap() {
    int status = 0;
    const pid_t pid = waitpid(-1, &status, 0);
    const auto it = copies_.find(pid);
    if (it == copies_.end()) {
      FL_CHECK(pid > 0);
      return;
    }
    if (status != 0) {
      Message m;
      m.kind = Message::Kind::kDied;
      m.experiment = it->second;
      m.status = status;
      Send(to_parent_, m);
    }
    copies_.erase(it);
  }

  const SweepSetup& setup_;
  const Learned& learned_;
  const std::set<Experiment>& plan_;
  int to_parent_;
  Learner learner_;
  std::optional<WatchedRun> watched_;
  bool is_copy_ = false;
  Experiment current_;
  std::map<pid_t, Experiment> copies_;
};

}  // namespace

absl::StatusOr<Learned> Sweep::Learn() {
  std::vector<uint64_t> passings(setup_.rules.size());
  {
    // Wrong rules are found here, where it can be said.
    Learner trial(setup_, -1);
    if (absl::Status s = trial.AddRules([](size_t, uint64_t) { return false; });
        !s.ok()) {
      return s;
    }
  }
  const auto copy = MakeCopy([&](int to_parent) {
    Learner learner(setup_, to_parent);
    FL_CHECK(learner
                 .AddRules([&passings](size_t rule, uint64_t nth) {
                   passings[rule] = nth;
                   return false;
                 })
                 .ok());
    WatchedRun run(setup_.kernel, setup_.learn_limit_ns);
    Experiment none;
    learner.Run(run, &none);
    for (size_t i = 0; i < passings.size(); ++i) {
      Message m;
      m.kind = Message::Kind::kPassings;
      m.experiment = {i, passings[i]};
      Send(to_parent, m);
    }
  });
  if (!copy.ok()) {
    return copy.status();
  }
  std::optional<Message> report;
  bool valid = false;
  while (const std::optional<Message> m = Receive(copy->from)) {
    if (m->kind == Message::Kind::kReport) {
      report = *m;
    } else if (m->kind == Message::Kind::kPassings) {
      passings[m->experiment.rule] = m->experiment.nth;
    }
    valid = valid || m->kind == Message::Kind::kValidated;
  }
  (void)Finish(*copy);
  if (!report.has_value() || !valid) {
    return absl::InternalError(
        report.has_value() ? "sweep: without injections an invariant is broken"
                           : "sweep: without injections the machine died");
  }
  if (report->failure != Message::Failure::kNone) {
    return absl::FailedPreconditionError(
        absl::StrCat("sweep: without injections: ", report->Text()));
  }
  if (report->limit != Limit::kKept) {
    return absl::FailedPreconditionError(
        report->limit == Limit::kDeadlock
            ? "sweep: without injections the program never ends: all wait"
            : "sweep: without injections the program does not end in time");
  }
  Learned learned;
  learned.baseline = report->run;
  learned.passings = std::move(passings);
  learned.limit_ns = report->run.virtual_ns * kPatience + kLeastPatienceNs;
  return learned;
}

absl::Status Sweep::Run(const Learned& learned,
                        const std::set<Experiment>& plan,
                        const std::function<void(const Result&)>& done) {
  const auto copy = MakeCopy([&](int to_parent) {
    Experimenter(setup_, learned, plan, to_parent).Run();
  });
  if (!copy.ok()) {
    return copy.status();
  }
  std::map<Experiment, Message> reports;
  size_t left = plan.size();
  std::string trouble;
  while (const std::optional<Message> m = Receive(copy->from)) {
    if (!plan.contains(m->experiment)) {
      continue;  // the learner's own
    }
    const auto report = reports.find(m->experiment);
    switch (m->kind) {
      case Message::Kind::kReport:
        reports.emplace(m->experiment, *m);
        continue;
      case Message::Kind::kValidated:
        FL_CHECK(report != reports.end());
        done(Judge(report->second, learned.baseline));
        break;
      case Message::Kind::kDied:
        done(
            JudgeDead(*m, report == reports.end() ? nullptr : &report->second));
        break;
      case Message::Kind::kNoRoom:
        trouble = m->Text();
        continue;
      case Message::Kind::kPassings:
        continue;
    }
    if (report != reports.end()) {
      reports.erase(report);
    }
    --left;
  }
  const int status = Finish(*copy);
  if (left == 0) {
    return absl::OkStatus();
  }
  return absl::InternalError(absl::StrCat(
      "sweep: ", left, " experiments were not made: ",
      !trouble.empty()
          ? trouble
          : absl::StrCat("the learner ended with status ", status)));
}

}  // namespace faultline::inject
