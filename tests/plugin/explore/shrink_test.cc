#include "plugin/explore/shrink.h"

#include <algorithm>
#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace faultline::explore {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<Turn> ManyTurns(uint64_t n) {
  std::vector<Turn> turns;
  for (uint64_t i = 0; i < n; ++i) {
    turns.push_back({.from = 0, .to = 1, .nth = i, .preempts = true});
  }
  return turns;
}

// Ends the same if all of these are there.
EndsTheSame Needs(std::set<uint64_t> needed, int* runs) {
  return [needed = std::move(needed), runs](std::vector<Turn>& turns) {
    ++*runs;
    size_t found = 0;
    for (const Turn& t : turns) {
      found += needed.count(t.nth);
    }
    return found == needed.size();
  };
}

TEST(Shrink, LeavesWhatIsNeeded) {
  int runs = 0;
  const Shrunk s = Shrink(ManyTurns(500), Needs({3, 250, 499}, &runs), 10'000);
  ASSERT_THAT(s.turns, SizeIs(3));
  EXPECT_EQ(s.turns[0].nth, 3u);
  EXPECT_EQ(s.turns[1].nth, 250u);
  EXPECT_EQ(s.turns[2].nth, 499u);
  EXPECT_TRUE(s.minimal);
  EXPECT_EQ(s.runs, runs);
  EXPECT_LT(runs, 150);  // halves first: not one for each turn
}

TEST(Shrink, NothingNeededLeavesNothing) {
  int runs = 0;
  const Shrunk s = Shrink(ManyTurns(500), Needs({}, &runs), 10'000);
  EXPECT_THAT(s.turns, IsEmpty());
  EXPECT_TRUE(s.minimal);
  EXPECT_EQ(runs, 1);
}

TEST(Shrink, StopsWhenItHasTriedEnough) {
  int runs = 0;
  const Shrunk s = Shrink(ManyTurns(500), Needs({1, 100, 300}, &runs), 10);
  EXPECT_EQ(runs, 10);
  EXPECT_FALSE(s.minimal);
  EXPECT_GE(s.turns.size(), 3u);
}

TEST(Shrink, KeepsWhatTheRunReallyTook) {
  // A turn that comes to nothing is not in the run's own list.
  const Shrunk s = Shrink(
      ManyTurns(8),
      [](std::vector<Turn>& turns) {
        std::erase_if(turns, [](const Turn& t) { return t.nth > 1; });
        return std::ranges::any_of(turns,
                                   [](const Turn& t) { return t.nth == 1; });
      },
      100);
  ASSERT_THAT(s.turns, SizeIs(1));
  EXPECT_EQ(s.turns[0].nth, 1u);
}

TEST(Shrink, ASmallerCandidateThatRunsLargerIsNone) {
  const std::vector<Turn> two = ManyTurns(2);
  const Shrunk s = Shrink(
      two,
      [&](std::vector<Turn>& turns) {
        turns = ManyTurns(3);
        return true;
      },
      100);
  EXPECT_EQ(s.turns, two);
}

}  // namespace
}  // namespace faultline::explore
