#ifndef FAULTLINE_PLUGIN_EXPLORE_SEARCH_H_
#define FAULTLINE_PLUGIN_EXPLORE_SEARCH_H_

// Search: which schedules of a scenario are run, one after the other. The
// scenario must do the same thing under the same schedule, and what its actors
// touch (guest_mm/sync/footprint.h) must lie at the same addresses in each run.
//
//   while (mm::Strategy* s = search.Next()) {
//     run the scenario under s, with search.footprint() installed
//   }

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "guest_mm/sync/footprint.h"
#include "guest_mm/sync/strategy.h"

namespace faultline::explore {

// A choice that was made: of how many, which, and which of them would have gone
// on by itself (kNone: it could not).
struct Decision {
  static constexpr uint16_t kNone = 0xffff;
  uint16_t options = 0;
  uint16_t chosen = 0;
  uint16_t current = kNone;
  bool preempts() const { return current != kNone && chosen != current; }
};
unsigned Preemptions(const std::vector<Decision>& decisions);

class Search {
 public:
  virtual ~Search() = default;
  // The next schedule; null: there is none left. Valid until the next call,
  // which takes it that the last one was run to its end.
  virtual mm::Strategy* Next() = 0;
  // Of the last one that was run.
  virtual const std::vector<Decision>& decisions() const = 0;
  // True for one that showed nothing that an earlier one has not shown: not to
  // be counted. It may have been broken off.
  virtual bool repeated() const { return false; }
  // Wants to know what the steps touch; null: it does not.
  virtual mm::Footprint* footprint() { return nullptr; }
  // Schedules are drawn, and are no smaller than chance makes them.
  virtual bool by_chance() const { return false; }
  // Null came because there is nothing more to be seen within the bound.
  virtual bool exhaustive() const { return false; }
};

// Every schedule with at most `preemptions` preemptions, those with fewer first
// (Musuvathi and Qadeer, "Iterative context bounding", PLDI 2007).
//
// kYes: one of those that differ only in the order of steps that touch nothing
// in common. A preemption before a step that conflicts with nothing of what
// runs in its place is left out: the same preemption after that step does the
// same, and costs no more, so the bound means what it says (as Coons, Musuvathi
// and McKinley, "Bounded partial-order reduction", OOPSLA 2013).
enum class Reduce : bool { kNo, kYes };
std::unique_ptr<Search> MakeExhaustive(unsigned preemptions, Reduce reduce);
// `runs` schedules with uniform choices.
std::unique_ptr<Search> MakeRandomSearch(uint64_t seed, uint64_t runs);
// `runs` schedules by random priorities with `depth` - 1 places where they
// change: Burckhardt and others, "A randomized scheduler with probabilistic
// guarantees of finding bugs" (ASPLOS 2010).
std::unique_ptr<Search> MakePct(uint64_t seed, unsigned depth, uint64_t runs);
// One schedule: the choices of `decisions`, then as round robin would.
std::unique_ptr<Search> MakeRepeat(const std::vector<Decision>& decisions);

// What a user writes of a search: "exhaustive[:PREEMPTIONS]" |
// "full[:PREEMPTIONS]" (without reduction) | "random[:RUNS]" |
// "pct[:DEPTH[:RUNS]]".
struct SearchPlan {
  enum class Kind : uint8_t { kExhaustive, kFull, kRandom, kPct };
  Kind kind = Kind::kExhaustive;
  unsigned preemptions = 2;
  unsigned depth = 3;
  uint64_t runs = 1000;
};
// InvalidArgument for anything else.
absl::StatusOr<SearchPlan> ParsePlan(std::string_view text);
std::unique_ptr<Search> MakeSearch(const SearchPlan& plan, uint64_t seed);
// Both.
absl::StatusOr<std::unique_ptr<Search>> ParseSearch(std::string_view text,
                                                    uint64_t seed);

// One schedule of MakePct(), of a run with about so many choices.
std::unique_ptr<mm::Strategy> MakePctStrategy(uint64_t seed, unsigned depth,
                                              uint64_t choices);

}  // namespace faultline::explore

#endif  // FAULTLINE_PLUGIN_EXPLORE_SEARCH_H_
