// Depth first through the tree of choices, once for each number of preemptions.

#include "plugin/explore/path_strategy.h"
#include "plugin/explore/search.h"

namespace faultline::explore {
namespace {

class Exhaustive : public Search {
 public:
  explicit Exhaustive(unsigned preemptions) : most_(preemptions) {}

  mm::Strategy* Next() override {
    if (!started_) {
      started_ = true;
      strategy_.Restart(0, Decision::kNone);
      return &strategy_;
    }
    if (!Backtrack()) {
      if (bound_ == most_) {
        done_ = true;
        return nullptr;
      }
      ++bound_;
      first_.clear();
      strategy_.Restart(0, Decision::kNone);
    }
    return &strategy_;
  }

  const std::vector<Decision>& decisions() const override {
    return strategy_.decisions();
  }
  bool repeated() const override {
    return bound_ > 0 && Preemptions(decisions()) < bound_;
  }
  bool exhaustive() const override { return done_; }

 private:
  // To the last place where something else can be tried.
  bool Backtrack() {
    const std::vector<Decision>& path = strategy_.decisions();
    // What was chosen first where nobody could go on; known once run.
    first_.resize(path.size(), Decision::kNone);
    for (size_t i = path.size(); i-- > 0 && first_[i] == Decision::kNone;) {
      first_[i] = path[i].chosen;
    }
    unsigned used = Preemptions(path);
    for (size_t i = path.size(); i-- > 0;) {
      const Decision& d = path[i];
      used -= d.preempts() ? 1 : 0;
      const uint16_t next = NextChoice(i, d);
      const bool preempts = d.current != Decision::kNone;
      if (next != Decision::kNone && (!preempts || used < bound_)) {
        first_.resize(i + 1);
        strategy_.Restart(i, next);
        return true;
      }
    }
    return false;
  }

  uint16_t NextChoice(size_t i, const Decision& d) const {
    const uint16_t first = first_[i];
    uint16_t next = d.chosen == first ? uint16_t{0} : uint16_t(d.chosen + 1);
    next = next == first ? uint16_t(next + 1) : next;
    return next < d.options ? next : Decision::kNone;
  }

  const unsigned most_;
  unsigned bound_ = 0;
  bool started_ = false, done_ = false;
  PathStrategy strategy_;
  std::vector<uint16_t> first_;  // by decision: what was chosen first there
};

}  // namespace

unsigned Preemptions(const std::vector<Decision>& decisions) {
  unsigned n = 0;
  for (const Decision& d : decisions) {
    n += d.preempts() ? 1 : 0;
  }
  return n;
}

std::unique_ptr<Search> MakeExhaustive(unsigned preemptions) {
  return std::make_unique<Exhaustive>(preemptions);
}

}  // namespace faultline::explore
