// Schedules by chance: uniform choices, and PCT's priorities.

#include <algorithm>
#include <map>

#include "guest_mm/sync/actor.h"
#include "guest_mm/sync/split_mix_64.h"
#include "plugin/explore/path_strategy.h"
#include "plugin/explore/search.h"

namespace faultline::explore {
namespace {

// A strategy that remembers what it chose.
class Remembering : public mm::Strategy {
 public:
  size_t Choose(const mm::Choice& choice) final {
    const size_t chosen = Pick(choice);
    decisions.push_back(DecisionOf(choice, chosen));
    return chosen;
  }
  std::string Name() const override { return "sampled"; }
  virtual size_t Pick(const mm::Choice& choice) = 0;
  std::vector<Decision> decisions;
};

class Uniform final : public Remembering {
 public:
  explicit Uniform(uint64_t seed) : random_(seed) {}
  void Begin() { decisions.clear(); }
  size_t Pick(const mm::Choice& choice) override {
    return size_t(random_.Below(choice.runnable.size()));
  }

 private:
  mm::SplitMix64 random_;
};

class Pct final : public Remembering {
 public:
  Pct(uint64_t seed, unsigned depth) : random_(seed), depth_(depth) {}

  // That a run has about so many choices.
  void Expect(uint64_t choices) { longest_ = size_t(choices); }
  // The places are drawn from as many choices as the longest run had.
  void Begin() {
    longest_ = std::max(longest_, decisions.size());
    decisions.clear();
    priorities_.clear();
    lowest_ = 0;
    changes_.clear();
    for (unsigned i = 1; i < depth_; ++i) {
      changes_.push_back(random_.Below(std::max<size_t>(longest_, 1)));
    }
  }
  size_t Pick(const mm::Choice& choice) override {
    if (choice.slice_over && choice.current != nullptr) {
      // He gives way, perhaps until others are done: below all.
      priorities_[choice.current->id()] = --lowest_;
    }
    const auto change =
        std::find(changes_.begin(), changes_.end(), decisions.size());
    if (change != changes_.end() && choice.current != nullptr) {
      // Below all that were drawn: the later the change, the lower.
      priorities_[choice.current->id()] = changes_.end() - change;
    }
    size_t best = 0;
    for (size_t i = 1; i < choice.runnable.size(); ++i) {
      if (Of(*choice.runnable[i]) > Of(*choice.runnable[best])) {
        best = i;
      }
    }
    return best;
  }

 private:
  int64_t Of(const mm::Actor& actor) {
    const auto [it, is_new] = priorities_.emplace(actor.id(), 0);
    if (is_new) {
      it->second = depth_ + int64_t(random_.Next() / 4);
    }
    return it->second;
  }

  mm::SplitMix64 random_;
  const unsigned depth_;
  size_t longest_ = 0;
  std::map<uint32_t, int64_t> priorities_;
  int64_t lowest_ = 0;
  std::vector<uint64_t> changes_;
};

template <typename Sampler>
class Sampling : public Search {
 public:
  Sampling(Sampler sampler, uint64_t runs)
      : sampler_(std::move(sampler)), left_(runs) {}
  mm::Strategy* Next() override {
    if (left_ == 0) {
      return nullptr;
    }
    --left_;
    sampler_.Begin();
    return &sampler_;
  }
  const std::vector<Decision>& decisions() const override {
    return sampler_.decisions;
  }
  bool by_chance() const override { return true; }

 private:
  Sampler sampler_;
  uint64_t left_;
};

class Repeat : public Search {
 public:
  explicit Repeat(std::vector<Decision> path) {
    strategy_.Assign(std::move(path));
  }
  mm::Strategy* Next() override {
    return std::exchange(ran_, true) ? nullptr : &strategy_;
  }
  const std::vector<Decision>& decisions() const override {
    return strategy_.decisions();
  }

 private:
  PathStrategy strategy_;
  bool ran_ = false;
};

}  // namespace

std::unique_ptr<Search> MakeRandomSearch(uint64_t seed, uint64_t runs) {
  return std::make_unique<Sampling<Uniform>>(Uniform(seed), runs);
}

std::unique_ptr<Search> MakePct(uint64_t seed, unsigned depth, uint64_t runs) {
  return std::make_unique<Sampling<Pct>>(Pct(seed, depth), runs);
}

std::unique_ptr<mm::Strategy> MakePctStrategy(uint64_t seed, unsigned depth,
                                              uint64_t choices) {
  auto pct = std::make_unique<Pct>(seed, depth);
  pct->Expect(choices);
  pct->Begin();
  return pct;
}

std::unique_ptr<Search> MakeRepeat(const std::vector<Decision>& decisions) {
  return std::make_unique<Repeat>(decisions);
}

}  // namespace faultline::explore
