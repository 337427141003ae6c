#include "plugin/explore/story.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace faultline::explore {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Story, AColumnForEachActor) {
  Story story;
  EXPECT_EQ(story.Render(), "");
  story.Add(4, "one", "a.lock");
  story.Preempted();
  story.Add(7, "two", "b.lock");
  story.Add(4, "one", "a.free");
  EXPECT_EQ(story.Render(),
            "one     two\n"
            "a.lock\n"
            "-- preempted --\n"
            "        b.lock\n"
            "a.free\n");
}

TEST(Story, OfALongWayAloneItsEnds) {
  Story story;
  for (int i = 0; i < 100; ++i) {
    story.Add(1, "one", absl::StrCat("step", i));
  }
  EXPECT_EQ(story.Render(),
            "one\nstep0\nstep1\nstep2\n(94 steps)\nstep97\nstep98\nstep99\n");
}

TEST(Story, OfManySwitchesTheEndsAndThePreemptions) {
  Story story(2);
  for (uint32_t i = 0; i < 1000; ++i) {
    story.Add(i % 2, i % 2 == 0 ? "even" : "odd", absl::StrCat("s", i, "."));
    if (i == 500) {
      story.Preempted();
    }
  }
  const std::string text = story.Render();
  for (const char* kept : {"s0.", "s1.", "s500.", "preempted", "s501.", "s998.",
                           "s999.", "... 498 turns more", "... 496 turns"}) {
    EXPECT_THAT(text, HasSubstr(kept));
  }
  for (const char* left_out : {"s2.", "s499.", "s502.", "s997."}) {
    EXPECT_THAT(text, Not(HasSubstr(left_out)));
  }
}

}  // namespace
}  // namespace faultline::explore
