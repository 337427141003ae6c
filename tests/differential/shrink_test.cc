#include "tests/differential/driver/shrink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace faultline::differential {
namespace {

using ::testing::ElementsAre;

// Differs when all of `needed` are there.
DiffersBatch Needing(Steps needed) {
  return [needed](const std::vector<Steps>& lists) {
    std::vector<bool> differ;
    for (const Steps& list : lists) {
      differ.push_back(std::includes(list.begin(), list.end(), needed.begin(),
                                     needed.end()));
    }
    return differ;
  };
}

Steps UpTo(int count) {
  Steps steps(static_cast<size_t>(count));
  std::iota(steps.begin(), steps.end(), 0);
  return steps;
}

TEST(ShrinkTest, LeavesWhatIsNeededInOrder) {
  EXPECT_THAT(Shrink(UpTo(100), Needing({3, 64, 99})), ElementsAre(3, 64, 99));
  EXPECT_THAT(Shrink(UpTo(7), Needing({6})), ElementsAre(6));
}

TEST(ShrinkTest, LeavesAListAloneOfWhichAllIsNeeded) {
  EXPECT_THAT(Shrink(UpTo(4), Needing({0, 1, 2, 3})), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(Shrink({5}, Needing({5})), ElementsAre(5));
}

}  // namespace
}  // namespace faultline::differential
