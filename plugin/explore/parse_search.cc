#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "plugin/explore/search.h"

namespace faultline::explore {
namespace {

constexpr uint64_t kPreemptions = 2, kRuns = 1000, kDepth = 3;
constexpr uint64_t kMostPreemptions = 64, kMostDepth = 1000;

}  // namespace

absl::StatusOr<std::unique_ptr<Search>> ParseSearch(std::string_view text,
                                                    uint64_t seed) {
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
  const bool reduced = parts[0] == "exhaustive";
  if ((reduced || parts[0] == "full") && given <= 1) {
    const uint64_t most = given > 0 ? numbers[0] : kPreemptions;
    if (most > kMostPreemptions) {
      return wrong();
    }
    return MakeExhaustive(unsigned(most), reduced ? Reduce::kYes : Reduce::kNo);
  }
  if (parts[0] == "random" && given <= 1) {
    return MakeRandomSearch(seed, given > 0 ? numbers[0] : kRuns);
  }
  if (parts[0] == "pct" && given <= 2) {
    const uint64_t depth = given > 0 ? numbers[0] : kDepth;
    if (depth == 0 || depth > kMostDepth) {
      return wrong();
    }
    return MakePct(seed, unsigned(depth), given > 1 ? numbers[1] : kRuns);
  }
  return wrong();
}

}  // namespace faultline::explore
