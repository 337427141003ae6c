#include "plugin/inject/sweep.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "guest_mm/base/check.h"
#include "plugin/inject/copy_process.h"
#include "plugin/inject/experimenter.h"
#include "plugin/inject/learner.h"
#include "plugin/inject/sweep_judge.h"
#include "plugin/inject/sweep_message.h"

namespace faultline::inject {
namespace {

// An experiment may take so much longer than the run without one.
constexpr uint64_t kPatience = 100;
constexpr uint64_t kLeastPatienceNs = 100'000'000;
// Experiments in one copy of the process, which are to be so many that the copy
// is cheap beside them. After a pass in which some died the rest is made in
// smaller ones, so that none is kept from being made by its neighbours.
constexpr uint64_t kBatch = 64;
constexpr uint64_t kSmallerBatches = 4;  // each time this part

}  // namespace

absl::StatusOr<Learned> Sweep::Learn() {
  std::vector<uint64_t> passings(setup_.rules.size());
  {
    // Wrong rules are found here, where it can be said.
    Learner trial(setup_);
    if (absl::Status s = trial.AddRules([](size_t, uint64_t) { return false; });
        !s.ok()) {
      return s;
    }
  }
  const auto copy = MakeCopy([&](int to_parent) {
    Learner learner(setup_);
    FL_CHECK(learner
                 .AddRules([&passings](size_t rule, uint64_t nth) {
                   passings[rule] = nth;
                   return false;
                 })
                 .ok());
    learner.Arm(setup_.learn_limit_ns);
    learner.Run(to_parent, {});
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
  std::set<Experiment> left = plan;
  // Four batches for each job, so that all have something to do to the end.
  uint64_t batch = std::clamp<uint64_t>(
      plan.size() / (4 * uint64_t(setup_.jobs)), 1, kBatch);
  while (!left.empty()) {
    const size_t before = left.size();
    std::string trouble;
    if (absl::Status s = RunPass(learned, batch, left, trouble, done);
        !s.ok()) {
      return s;
    }
    if (left.size() < before) {
      batch = std::max<uint64_t>(batch / kSmallerBatches, 1);
      continue;
    }
    // Putting back may be what the host has no room for.
    if (std::exchange(setup_.arena, nullptr) == nullptr) {
      return absl::InternalError(absl::StrCat(
          "sweep: ", before, " experiments were not made: ", trouble));
    }
  }
  return absl::OkStatus();
}

absl::Status Sweep::RunPass(const Learned& learned, uint64_t batch,
                            std::set<Experiment>& left, std::string& trouble,
                            const std::function<void(const Result&)>& done) {
  const std::set<Experiment> plan = left;
  const auto copy = MakeCopy([&](int to_parent) {
    Experimenter(setup_, learned, plan, batch, to_parent).Run();
  });
  if (!copy.ok()) {
    return copy.status();
  }
  std::map<Experiment, Message> reports;
  while (const std::optional<Message> m = Receive(copy->from)) {
    if (!left.contains(m->experiment)) {
      continue;
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
    left.erase(m->experiment);
  }
  const int status = Finish(*copy);
  if (trouble.empty()) {
    trouble = absl::StrCat("the learner ended with status ", status);
  }
  return absl::OkStatus();
}

}  // namespace faultline::inject
