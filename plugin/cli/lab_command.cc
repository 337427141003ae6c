#include "plugin/cli/lab_command.h"

#include <algorithm>
#include <cstdio>

#include "plugin/cli/exit_status.h"
#include "plugin/cli/script_run.h"
#include "plugin/lab/claims_page.h"
#include "plugin/lab/experiment.h"
#include "plugin/lab/script_claims.h"

namespace faultline::cli {
namespace {

using engine::Arch;
using lab::Experiment;
using lab::Verdict;

void List() {
  for (const Experiment& e : lab::Experiments()) {
    std::printf("%-4s %s%s\n", std::string(e.id).c_str(),
                std::string(e.claim).c_str(), e.needs_tags ? " (arm64)" : "");
  }
}

}  // namespace

LabCommand::LabCommand(CLI::App& app) {
  lab_ = app.add_subcommand("lab",
                            "Run experiments on how memory management behaves");
  lab_->require_subcommand(1);
  lab_->add_subcommand("list", "The claims");
  run_ = lab_->add_subcommand("run", "Run some, or all");
  run_->add_option("NAME", names_, "P1, ..., or all")->required();
  run_->add_option("--arch", arch_, "x86_64 or arm64; else both")
      ->check(CLI::IsMember({"x86_64", "arm64"}));
  run_->add_flag("--witnesses", witnesses_,
                 "Of claims that are scripts, what came out of how many "
                 "schedules, with tokens for `faultline replay`");
  run_->add_flag("--markdown", markdown_,
                 "With all: each claim explained, as docs/claims.md has it");
  show_ = lab_->add_subcommand("show", "Print a claim's script");
  show_->add_option("NAME", names_, "K3, ...")->required();
}

int LabCommand::Show() const {
  for (const std::string& name : names_) {
    const absl::string_view source = lab::ScriptOf(name);
    if (source.empty()) {
      std::fprintf(
          stderr,
          lab::FindExperiment(name) == nullptr
              ? "faultline: no claim %s; `faultline lab list` has them\n"
              : "faultline: claim %s is no script: it is C++, in "
                "plugin/lab\n",
          name.c_str());
      return kExitUsage;
    }
    std::fwrite(source.data(), 1, source.size(), stdout);
  }
  return kExitHeld;
}

int LabCommand::Run() const {
  if (show_->parsed()) {
    return Show();
  }
  if (!run_->parsed()) {
    List();
    return kExitHeld;
  }
  if (markdown_) {
    if (names_ != std::vector<std::string>{"all"} || !arch_.empty() ||
        witnesses_) {
      std::fputs("faultline: --markdown goes with `lab run all` alone\n",
                 stderr);
      return kExitUsage;
    }
    std::fputs(lab::ClaimsMarkdown().c_str(), stdout);
    return kExitHeld;
  }
  std::vector<const Experiment*> chosen;
  for (const std::string& name : names_) {
    if (name == "all") {
      for (const Experiment& e : lab::Experiments()) {
        chosen.push_back(&e);
      }
      continue;
    }
    const Experiment* const e = lab::FindExperiment(name);
    if (e == nullptr) {
      std::fprintf(
          stderr,
          "faultline: no experiment %s; `faultline lab list` has them\n",
          name.c_str());
      return kExitUsage;
    }
    chosen.push_back(e);
  }
  int status = kExitHeld;
  for (const Experiment* const e : chosen) {
    for (const Arch arch : {Arch::kX86, Arch::kArm64}) {
      const bool wanted =
          arch_.empty() || (arch_ == "arm64") == (arch == Arch::kArm64);
      if (!wanted || (e->needs_tags && arch == Arch::kX86)) {
        continue;
      }
      if (witnesses_ && e->run == nullptr) {
        ScriptRunOptions o;
        o.claim = std::string(e->id);
        o.arch = arch == Arch::kX86 ? "x86_64" : "arm64";
        const absl::StatusOr<int> ran = RunScript(o);
        status = Worse(status, ran.ok() ? *ran : Complain(ran.status()));
        continue;
      }
      const lab::Findings findings = lab::RunExperiment(*e, arch);
      std::printf("%s\n", lab::Render(*e, arch, findings).c_str());
      status = Worse(status,
                     findings.verdict == Verdict::kViolated    ? kExitViolated
                     : findings.verdict == Verdict::kUndecided ? kExitUndecided
                                                               : kExitHeld);
    }
  }
  return status;
}

}  // namespace faultline::cli
