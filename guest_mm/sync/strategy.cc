#include "guest_mm/sync/strategy.h"

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "guest_mm/sync/actor.h"
#include "guest_mm/sync/given_strategy.h"
#include "guest_mm/sync/split_mix_64.h"

namespace faultline::mm {
namespace {

thread_local std::unique_ptr<Strategy> given;

class RoundRobin : public Strategy {
 public:
  size_t Choose(const Choice& choice) override {
    return RoundRobinChoice(choice);
  }
  std::string Name() const override { return "rr"; }
  bool wants_every_point() const override { return false; }
};

class Random : public Strategy {
 public:
  explicit Random(uint64_t seed) : seed_(seed), random_(seed) {}

  size_t Choose(const Choice& choice) override {
    return size_t(random_.Below(choice.runnable.size()));
  }
  std::string Name() const override { return absl::StrCat("random:", seed_); }

 private:
  uint64_t seed_;
  SplitMix64 random_;
};

}  // namespace

size_t RoundRobinChoice(const Choice& choice) {
  const auto& runnable = choice.runnable;
  for (size_t i = 0; i < runnable.size(); ++i) {
    if (choice.current != nullptr && !choice.slice_over) {
      if (runnable[i] == choice.current) {
        return i;
      }
    } else if (runnable[i]->id() > choice.last_id) {
      return i;
    }
  }
  return 0;
}

void GiveStrategy(std::unique_ptr<Strategy> strategy) {
  given = std::move(strategy);
}

std::unique_ptr<Strategy> MakeRoundRobin() {
  return std::make_unique<RoundRobin>();
}

std::unique_ptr<Strategy> MakeRandom(uint64_t seed) {
  return std::make_unique<Random>(seed);
}

absl::StatusOr<std::unique_ptr<Strategy>> ParseStrategy(std::string_view text,
                                                        uint64_t seed) {
  if (text == "rr") {
    return MakeRoundRobin();
  }
  if (text == kGivenStrategy && given != nullptr) {
    return std::move(given);
  }
  if (text == "random") {
    return MakeRandom(seed);
  }
  if (text.starts_with("random:")) {
    const std::string digits(text.substr(7));
    uint64_t given = 0;
    if (!absl::SimpleAtoi(digits, &given)) {
      return absl::InvalidArgumentError(
          absl::StrCat("not a seed: '", digits, "'"));
    }
    return MakeRandom(given);
  }
  if (text.starts_with("replay:")) {
    return MakeReplay(text.substr(7));
  }
  return absl::InvalidArgumentError(
      absl::StrCat("unknown schedule '", std::string(text),
                   "': rr, random[:SEED] or replay:TOKEN"));
}

}  // namespace faultline::mm
