#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "plugin/explore/search.h"

namespace faultline::explore {
namespace {

constexpr uint64_t kMostPreemptions = 64, kMostDepth = 1000;

}  // namespace

absl::StatusOr<SearchPlan> ParsePlan(std::string_view text) {
  using Kind = SearchPlan::Kind;
  const std::vector<std::string> parts = absl::StrSplit(std::string(text), ':');
  const auto wrong = [&] {
    return absl::InvalidArgumentError(absl::StrCat(
        "unknown strategy '", std::string(text),
        "': exhaustive[:PREEMPTIONS], full[:PREEMPTIONS], random[:RUNS] or "
        "pct[:DEPTH[:RUNS]]"));
  };
  uint64_t numbers[2] = {};
  const size_t given = parts.size() - 1;
  for (size_t i = 0; i < given; ++i) {
    if (i >= 2 || !absl::SimpleAtoi(parts[i + 1], &numbers[i])) {
      return wrong();
    }
  }
  SearchPlan plan;
  const bool reduced = parts[0] == "exhaustive";
  if ((reduced || parts[0] == "full") && given <= 1) {
    plan.kind = reduced ? Kind::kExhaustive : Kind::kFull;
    if (numbers[0] > kMostPreemptions) {
      return wrong();
    }
    plan.preemptions = given > 0 ? unsigned(numbers[0]) : plan.preemptions;
    return plan;
  }
  if (parts[0] == "random" && given <= 1) {
    plan.kind = Kind::kRandom;
    plan.runs = given > 0 ? numbers[0] : plan.runs;
    return plan.runs == 0 ? absl::StatusOr<SearchPlan>(wrong()) : plan;
  }
  if (parts[0] == "pct" && given <= 2) {
    plan.kind = Kind::kPct;
    if (given > 0 && (numbers[0] == 0 || numbers[0] > kMostDepth)) {
      return wrong();
    }
    plan.depth = given > 0 ? unsigned(numbers[0]) : plan.depth;
    plan.runs = given > 1 ? numbers[1] : plan.runs;
    return plan.runs == 0 ? absl::StatusOr<SearchPlan>(wrong()) : plan;
  }
  return wrong();
}

std::unique_ptr<Search> MakeSearch(const SearchPlan& plan, uint64_t seed) {
  switch (plan.kind) {
    case SearchPlan::Kind::kRandom:
      return MakeRandomSearch(seed, plan.runs);
    case SearchPlan::Kind::kPct:
      return MakePct(seed, plan.depth, plan.runs);
    case SearchPlan::Kind::kExhaustive:
    case SearchPlan::Kind::kFull:
      break;
  }
  return MakeExhaustive(plan.preemptions, plan.kind == SearchPlan::Kind::kFull
                                              ? Reduce::kNo
                                              : Reduce::kYes);
}

absl::StatusOr<std::unique_ptr<Search>> ParseSearch(std::string_view text,
                                                    uint64_t seed) {
  const absl::StatusOr<SearchPlan> plan = ParsePlan(text);
  if (!plan.ok()) {
    return plan.status();
  }
  return MakeSearch(*plan, seed);
}

}  // namespace faultline::explore
