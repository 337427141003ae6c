#include "plugin/cli/sweep_command.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "plugin/cli/exit_status.h"
#include "plugin/cli/machine.h"
#include "plugin/cli/run_flags.h"
#include "plugin/cli/trace_hashes.h"
#include "plugin/explore/token.h"
#include "plugin/inject/capture_console.h"
#include "plugin/inject/journal.h"
#include "plugin/inject/sweep.h"
#include "plugin/rewind/arena.h"

namespace faultline::cli {
namespace {

using inject::Experiment;
using inject::SweepRecord;

// Without injections, if --time-limit does not say otherwise.
constexpr uint64_t kLearnNs = 600'000'000'000;

class SweepUsage : public CLI::Formatter {
 public:
  std::string make_usage(const CLI::App*, std::string) const override {
    return "\nUsage: faultline sweep --inject SITE[,SITE...] [OPTIONS] PROGRAM "
           "[ARG...]\n"
           "\nThe exit status is 0 if no experiment hung, broke an invariant "
           "or crashed, 1 if one\ndid, 3 if some could not be made.\n";
  }
};

struct Shard {
  uint64_t index = 0, count = 1;
};
absl::StatusOr<Shard> ParseShard(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, '/');
  Shard shard;
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[0], &shard.index) ||
      !absl::SimpleAtoi(parts[1], &shard.count) || shard.index == 0 ||
      shard.index > shard.count) {
    return absl::InvalidArgumentError(
        absl::StrCat("--shard ", text, ": I/N, with I from 1 to N"));
  }
  --shard.index;
  return shard;
}

// A sweep of one machine.
class Sweeper {
 public:
  Sweeper(const RunOptions& options, Machine& machine,
          std::vector<inject::Rule> rules, inject::Sweep& sweep)
      : options_(options),
        machine_(machine),
        rules_(std::move(rules)),
        sweep_(sweep) {}

  absl::Status Learn() {
    auto learned = sweep_.Learn();
    if (!learned.ok()) {
      return learned.status();
    }
    learned_ = *std::move(learned);
    inject::SweepHead& head = record_.head;
    head.words = RunWords(options_);
    head.cwd = machine_.paths().cwd;
    for (const inject::Rule& rule : rules_) {
      head.rules.push_back(inject::ToString(rule));
    }
    head.passings = learned_.passings;
    head.baseline = learned_.baseline;
    head.limit_ns = learned_.limit_ns;
    return absl::OkStatus();
  }

  // Every experiment of the shard that the record does not have yet.
  std::set<Experiment> Plan(const Shard& shard) const {
    std::set<Experiment> plan;
    uint64_t number = 0;
    for (size_t rule = 0; rule < rules_.size(); ++rule) {
      for (uint64_t nth = 1; nth <= learned_.passings[rule]; ++nth) {
        if (number++ % shard.count == shard.index &&
            !record_.rows.contains(NameOf({rule, nth}))) {
          plan.insert({rule, nth});
        }
      }
    }
    return plan;
  }

  absl::Status Run(const std::set<Experiment>& plan, JournalFile& journal) {
    Progress progress(plan.size());
    return sweep_.Run(learned_, plan, [&](const inject::Result& r) {
      const inject::SweepRow row{NameOf(r.experiment),
                                 rules_[r.experiment.rule].site, r.end, r.run,
                                 r.detail};
      journal.Write(inject::RowLine(row));
      record_.rows.emplace(row.inject, row);
      progress.Step(inject::IsViolation(r.end));
    });
  }

  // One for each kind of end that a site has: of its first passing.
  void MakeTokens(JournalFile& journal, rewind::Arena* arena) {
    std::vector<inject::TokenKey> keys;
    std::vector<RunOptions> runs;
    std::set<inject::TokenKey> known;
    for (size_t rule = 0; rule < rules_.size(); ++rule) {
      for (uint64_t nth = 1; nth <= learned_.passings[rule]; ++nth) {
        const auto row = record_.rows.find(NameOf({rule, nth}));
        if (row == record_.rows.end()) {
          continue;
        }
        const inject::TokenKey key{row->second.site, row->second.end};
        if (!record_.tokens.contains(key) && known.insert(key).second) {
          keys.push_back(key);
          runs.push_back(Again(row->second.inject));
        }
      }
    }
    const auto hashes = TraceHashes(machine_, arena, runs);
    for (size_t i = 0; i < keys.size(); ++i) {
      const std::string token = explore::Encode({.command = "run",
                                                 .cwd = machine_.paths().cwd,
                                                 .words = RunWords(runs[i]),
                                                 .trace_hash = hashes[i]});
      record_.tokens.emplace(keys[i], token);
      journal.Write(inject::TokenLine(keys[i], token));
    }
  }

  SweepRecord& record() { return record_; }

 private:
  std::string NameOf(const Experiment& e) const {
    return inject::ToString(inject::ForPassing(rules_[e.rule], e.nth));
  }

  // The options of `faultline run` that have the experiment again.
  RunOptions Again(const std::string& inject) const {
    RunOptions o = options_;
    o.injects = {inject};
    o.time_limit_ns = learned_.limit_ns;
    return o;
  }

  const RunOptions& options_;
  Machine& machine_;
  std::vector<inject::Rule> rules_;
  inject::Sweep& sweep_;
  inject::Learned learned_;
  SweepRecord record_;
};

}  // namespace

SweepCommand::SweepCommand(CLI::App& app) {
  command_ = app.add_subcommand(
      "sweep", "Run a program once for each thing that could fail in it");
  command_->formatter(std::make_shared<SweepUsage>());
  AddRunFlags(*command_, options_);
  command_->add_option("--jobs", jobs_, "Experiments at a time")
      ->check(CLI::Range(1, 1024));
  command_->add_option("--shard", shard_, "Make only part I of N: I/N");
  command_->add_option("--out", files_.out,
                       "Write each result to FILE, as JSON lines, and go on "
                       "where FILE ends");
  AddReportFlags(*command_, files_);
}

int SweepCommand::Run() {
  const absl::StatusOr<int> status = Sweep();
  return status.ok() ? *status : Complain(status.status());
}

absl::StatusOr<int> SweepCommand::Sweep() {
  if (absl::Status s = TakeCommand(*command_, "sweep", options_); !s.ok()) {
    return s;
  }
  const absl::StatusOr<Shard> shard = ParseShard(shard_);
  if (!shard.ok()) {
    return shard.status();
  }
  auto rules = inject::SweepRules(std::exchange(options_.injects, {}));
  if (!rules.ok()) {
    return rules.status();
  }
  const uint64_t limit = std::exchange(options_.time_limit_ns, 0);
  // In which the machine is put back between experiments. What a disk holds is
  // not.
  std::unique_ptr<rewind::Arena> arena;
  if (rewind::Arena::Supported() && options_.disk.empty()) {
    arena = std::make_unique<rewind::Arena>();
  }
  if (arena != nullptr && !arena->ok()) {
    arena = nullptr;
  }
  const rewind::InsideArena inside(arena.get());
  const auto console = std::make_unique<inject::CaptureConsole>();
  auto machine = Machine::Make(options_, *console, {.trace_hash = true});
  const rewind::OutsideArena outside;
  if (!machine.ok()) {  // told in words that outlive the arena
    return absl::Status(machine.status().code(), machine.status().message());
  }
  (*machine)->trace().Pause();
  inject::Sweep sweep({.kernel = (*machine)->kernel(),
                       .console = *console,
                       .program = (*machine)->paths().program,
                       .rules = *rules,
                       .jobs = jobs_,
                       .seed = options_.seed,
                       .learn_limit_ns = limit != 0 ? limit : kLearnNs,
                       .arena = arena.get()});
  Sweeper sweeper(options_, **machine, *std::move(rules), sweep);
  if (absl::Status s = sweeper.Learn(); !s.ok()) {
    return s;
  }
  JournalFile journal;
  if (absl::Status s = journal.Open(files_.out, sweeper.record()); !s.ok()) {
    return s;
  }
  const absl::Status ran = sweeper.Run(sweeper.Plan(*shard), journal);
  sweeper.MakeTokens(journal, arena.get());
  if (absl::Status s = journal.Close(); !s.ok()) {
    return s;
  }
  if (!ran.ok()) {
    (void)Complain(ran);
  }
  return WriteReports(sweeper.record(), files_, !ran.ok());
}

}  // namespace faultline::cli
