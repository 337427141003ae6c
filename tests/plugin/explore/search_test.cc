// Covers: plugin/explore/exhaustive.cc
// Covers: plugin/explore/sampling.cc
// Covers: plugin/explore/parse_search.cc
// Covers: plugin/explore/path_strategy.cc

#include "plugin/explore/search.h"

#include <functional>
#include <optional>
#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "guest_mm/sync/lock.h"
#include "guest_mm/sync/scheduler.h"

namespace faultline::explore {
namespace {

using mm::Lock;
using mm::PointSite;
using mm::Scheduler;

constexpr PointSite kStep{"test.step"};
constexpr mm::LockClass kTestLock{
    "test.lock", {"test.lock.locked"}, {"test.lock.unlocked"}, 1};

// A strategy somebody else has.
class Borrowed : public mm::Strategy {
 public:
  explicit Borrowed(mm::Strategy& lender) : lender_(lender) {}
  size_t Choose(const mm::Choice& choice) override {
    return lender_.Choose(choice);
  }
  std::string Name() const override { return "borrowed"; }

 private:
  mm::Strategy& lender_;
};

// Runs actors under every schedule of `search`; what they leave in a string, by
// how many schedules counted.
struct Result {
  uint64_t runs = 0, counted = 0;
  std::set<std::string> outcomes;
};
using Body = std::function<void(std::string&)>;

Result RunAll(Search& search, const std::function<std::vector<Body>()>& make) {
  Result result;
  while (mm::Strategy* const s = search.Next()) {
    std::string log;
    Scheduler scheduler(std::make_unique<Borrowed>(*s));
    for (Body& body : make()) {
      scheduler.Spawn("actor", [&log, body] { body(log); });
    }
    mm::Footprint* const before = mm::Footprint::Install(search.footprint());
    const Scheduler::End end = scheduler.Run();
    mm::Footprint::Install(before);
    ++result.runs;
    if (!search.repeated()) {
      EXPECT_EQ(end, Scheduler::End::kAllDone);
      ++result.counted;
      result.outcomes.insert(log);
    }
  }
  return result;
}

// Each writes its letter `n` times, with a point after each.
std::vector<Body> Letters(std::initializer_list<char> letters, int n) {
  std::vector<Body> bodies;
  for (const char c : letters) {
    bodies.push_back([c, n](std::string& log) {
      for (int i = 0; i < n; ++i) {
        mm::NoteWrite(&log);
        log += c;
        mm::Scheduler::PointIfActive(kStep);
      }
    });
  }
  return bodies;
}

TEST(Search, WithoutPreemptionsThereAreTheOrdersOfTheActors) {
  const auto search = MakeExhaustive(0, Reduce::kNo);
  const Result r = RunAll(*search, [] { return Letters({'a', 'b', 'c'}, 2); });
  EXPECT_EQ(r.counted, 6u);
  EXPECT_EQ(r.outcomes, (std::set<std::string>{"aabbcc", "aaccbb", "bbaacc",
                                               "bbccaa", "ccaabb", "ccbbaa"}));
  EXPECT_TRUE(search->exhaustive());
}

TEST(Search, WithEnoughPreemptionsThereIsEveryInterleaving) {
  const auto search = MakeExhaustive(6, Reduce::kNo);
  const Result r = RunAll(*search, [] { return Letters({'a', 'b'}, 3); });
  EXPECT_EQ(r.outcomes.size(), 20u);  // 6 over 3
}

TEST(Search, EachBoundAddsItsOwn) {
  std::set<std::string> before;
  for (const unsigned bound : {0u, 1u, 2u, 3u, 4u}) {
    const auto search = MakeExhaustive(bound, Reduce::kNo);
    const Result r = RunAll(*search, [] { return Letters({'a', 'b'}, 3); });
    EXPECT_GT(r.outcomes.size(), before.size()) << bound;
    EXPECT_TRUE(std::includes(r.outcomes.begin(), r.outcomes.end(),
                              before.begin(), before.end()));
    before = r.outcomes;
  }
}

TEST(Search, ReductionLosesNothingWhereEverythingConflicts) {
  for (const unsigned bound : {0u, 1u, 2u, 3u, 8u}) {
    const auto full = MakeExhaustive(bound, Reduce::kNo);
    const auto reduced = MakeExhaustive(bound, Reduce::kYes);
    const auto make = [] { return Letters({'a', 'b', 'c'}, 2); };
    EXPECT_EQ(RunAll(*full, make).outcomes, RunAll(*reduced, make).outcomes)
        << bound;
  }
}

// Steps of their own between two that conflict. What they touch is at the same
// place in every run, as a search demands.
std::vector<Body> MostlyAlone() {
  static int own[3];
  std::vector<Body> bodies;
  for (const char c : {'a', 'b', 'c'}) {
    bodies.push_back([c](std::string& log) {
      for (int i = 0; i < 6; ++i) {
        mm::NoteWrite(&own[c - 'a']);
        if (i % 3 == 1) {
          mm::NoteWrite(&log);
          log += c;
        }
        mm::Scheduler::PointIfActive(kStep);
      }
    });
  }
  return bodies;
}

TEST(Search, ReductionRunsLessAndSeesTheSame) {
  for (const unsigned bound : {1u, 2u, 3u}) {
    const auto full = MakeExhaustive(bound, Reduce::kNo);
    const auto reduced = MakeExhaustive(bound, Reduce::kYes);
    const Result all = RunAll(*full, MostlyAlone);
    const Result some = RunAll(*reduced, MostlyAlone);
    EXPECT_EQ(all.outcomes, some.outcomes) << bound;
    EXPECT_LT(some.counted, all.counted) << bound;
  }
}

TEST(Search, ReductionSeesEveryOrderOfALock) {
  std::optional<Lock> lock;
  const auto make = [&lock] {
    lock.emplace(kTestLock);  // a run that was cut short may have kept it
    std::vector<Body> bodies;
    for (const char c : {'a', 'b', 'c'}) {
      bodies.push_back([c, &lock](std::string& log) {
        for (int i = 0; i < 2; ++i) {
          const mm::LockGuard guard(*lock);
          log += c;  // under the lock: no note
        }
      });
    }
    return bodies;
  };
  const auto full = MakeExhaustive(3, Reduce::kNo);
  const auto reduced = MakeExhaustive(3, Reduce::kYes);
  const Result all = RunAll(*full, make), some = RunAll(*reduced, make);
  EXPECT_EQ(all.outcomes, some.outcomes);
  EXPECT_LT(some.counted, all.counted);
}

TEST(Search, TheFirstThatShowsSomethingHasTheFewestPreemptions) {
  const auto search = MakeExhaustive(4, Reduce::kYes);
  unsigned preemptions = ~0u;
  while (mm::Strategy* const s = search->Next()) {
    std::string log;
    Scheduler scheduler(std::make_unique<Borrowed>(*s));
    for (Body& body : Letters({'a', 'b'}, 3)) {
      scheduler.Spawn("actor", [&log, body] { body(log); });
    }
    mm::Footprint* const before = mm::Footprint::Install(search->footprint());
    scheduler.Run();
    mm::Footprint::Install(before);
    if (!search->repeated() && log == "abbaab") {
      preemptions = Preemptions(search->decisions());
      break;
    }
  }
  EXPECT_EQ(preemptions, 2u);
}

TEST(Search, ARepeatedPathIsTheSameRun) {
  const auto search = MakeRandomSearch(7, 1);
  std::string logs[2];
  std::vector<Decision> path;
  for (std::string& log : logs) {
    const auto again = path.empty() ? nullptr : MakeRepeat(path);
    mm::Strategy* const s = again ? again->Next() : search->Next();
    Scheduler scheduler(std::make_unique<Borrowed>(*s));
    for (Body& body : Letters({'a', 'b', 'c'}, 5)) {
      scheduler.Spawn("actor", [&log, body] { body(log); });
    }
    scheduler.Run();
    path = search->decisions();
  }
  EXPECT_EQ(logs[0], logs[1]);
  EXPECT_THAT(logs[0], testing::SizeIs(15));
}

TEST(Search, SamplesAreManyAndRepeatWithTheirSeed) {
  for (const char* const text : {"random:200", "pct:3:200"}) {
    std::set<std::string> seen[2];
    for (auto& outcomes : seen) {
      auto search = ParseSearch(text, 11);
      ASSERT_TRUE(search.ok());
      const Result r = RunAll(**search, [] { return Letters({'a', 'b'}, 4); });
      EXPECT_EQ(r.runs, 200u);
      outcomes = r.outcomes;
    }
    EXPECT_EQ(seen[0], seen[1]) << text;
    EXPECT_GT(seen[0].size(), 5u) << text;
  }
}

TEST(Search, RefusesWhatIsNone) {
  for (const char* const text :
       {"", "exhaustive:", "exhaustive:x", "exhaustive:1:2", "exhaustive:1000",
        "pct:0", "random:1:2", "all"}) {
    EXPECT_FALSE(ParseSearch(text, 0).ok()) << text;
  }
  for (const char* const text :
       {"exhaustive", "full:0", "exhaustive:3", "pct", "pct:2:5", "random:1"}) {
    EXPECT_TRUE(ParseSearch(text, 0).ok()) << text;
  }
}

}  // namespace
}  // namespace faultline::explore
