#include "plugin/inject/learner.h"

#include <string>

#include "plugin/inject/kernel_rules.h"
#include "plugin/inject/sweep_message.h"
#include "plugin/linux/task/validate_memory.h"

namespace faultline::inject {
namespace {

// What the end of the machine's run is told as.
Message ReportOf(const SweepSetup& setup, const os::RunResult& result,
                 Limit limit) {
  Message m;
  m.kind = Message::Kind::kReport;
  m.run = {.killed = result.kind == os::RunResult::Kind::kKilled,
           .code = result.code,
           .output = setup.console.hash(),
           .virtual_ns = setup.kernel.now().ns()};
  m.limit = limit;
  const absl::Status& failure = setup.kernel.failure();
  if (!failure.ok()) {
    m.failure = absl::IsAborted(failure) ? Message::Failure::kBug
                                         : Message::Failure::kOurs;
    m.SetText(std::string(failure.message()));
  }
  return m;
}

}  // namespace

Learner::Learner(const SweepSetup& setup)
    : setup_(setup),
      injector_(setup.kernel.scheduler(), setup.kernel.trace(), setup.seed) {}

absl::Status Learner::AddRules(const Chooses& chooses) {
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

void Learner::Arm(uint64_t limit_ns) { run_.emplace(setup_.kernel, limit_ns); }

void Learner::Run(const int& to, const Experiment& experiment) {
  injector_.Attach(nullptr);
  const os::RunResult result = run_->Run();
  injector_.Detach();
  Message m = ReportOf(setup_, result, run_->limit());
  m.experiment = experiment;
  if (to >= 0) {
    Send(to, m);
  }
  (void)os::ValidateMemory(setup_.kernel, nullptr);
  if (to >= 0) {
    m.kind = Message::Kind::kValidated;
    Send(to, m);
  }
}

}  // namespace faultline::inject
