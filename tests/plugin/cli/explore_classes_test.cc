#include "plugin/cli/explore_classes.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace faultline::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Ending Exit(int status, uint64_t output, unsigned preemptions = 0) {
  Ending e;
  e.what = "exit status " + std::to_string(status);
  e.output = output;
  for (unsigned i = 0; i < preemptions; ++i) {
    e.turns.push_back({.from = 0, .to = 1, .nth = i, .preempts = true});
  }
  return e;
}

Ending Deadlock(unsigned preemptions) {
  Ending e = Exit(0, 7, preemptions);
  e.kind = Ending::Kind::kDeadlock;
  e.what = "deadlock";
  e.detail = "all wait";
  return e;
}

const OneInjection kNone;
const OneInjection kSlab{.site = "slab=fail", .rule = "slab:nth=2=fail"};

TEST(Classes, AreByWhatAndByOutput) {
  Classes c(Exit(0, 7));
  c.Add(kNone, Exit(0, 7));
  c.Add(kNone, Exit(0, 7, 1));
  EXPECT_FALSE(c.violated());
  c.Add(kNone, Exit(0, 8, 1));
  c.Add(kNone, Exit(1, 7, 1));
  EXPECT_TRUE(c.violated());
  EXPECT_EQ(c.runs(), 4u);
  EXPECT_EQ(c.all().at({"", "exit status 0, with the usual output"}).count, 2u);
  EXPECT_TRUE(c.all().at({"", "exit status 0, with another output"}).violated);
  EXPECT_TRUE(c.all().at({"", "exit status 1"}).violated);
}

TEST(Classes, KeepTheFewestPreemptions) {
  Classes c(Exit(0, 7));
  for (const unsigned n : {3u, 1u, 2u}) {
    c.Add(kNone, Deadlock(n));
  }
  EXPECT_EQ(c.all().at({"", "deadlock"}).best.turns.size(), 1u);
}

TEST(Classes, AnErrorAfterAFailureIsNoViolationAndADeadlockIs) {
  Classes c(Exit(0, 7));
  c.Add(kSlab, Exit(1, 9));
  EXPECT_FALSE(c.violated());
  c.Add(kSlab, Deadlock(0));
  EXPECT_TRUE(c.violated());
  const std::string text = RenderClasses(c, {{"slab=fail", 5}});
  EXPECT_THAT(text, HasSubstr("with slab=fail once (5 passings)"));
  EXPECT_THAT(text,
              HasSubstr("violated: deadlock (0 preemptions, slab:nth=2=fail)"));
  EXPECT_THAT(text, HasSubstr("all wait\n"));
}

TEST(Classes, WhatIsTheSameWithoutTheFailureIsToldOnce) {
  Classes c(Exit(0, 7));
  c.Add(kNone, Deadlock(1));
  c.Add(kSlab, Deadlock(1));
  c.all().at({"slab=fail", "deadlock"}).injection = {};
  const std::string text = RenderClasses(c, {{"slab=fail", 5}});
  EXPECT_THAT(text, HasSubstr("; the same without it)"));
  const size_t first = text.find("\nviolated: deadlock");
  ASSERT_NE(first, std::string::npos);
  EXPECT_EQ(text.find("\nviolated: deadlock", first + 1), std::string::npos);
}

TEST(Classes, AViolationComesWithItsStoryAndToken) {
  Classes c(Exit(0, 7));
  c.Add(kNone, Deadlock(1));
  c.Add(kNone, Exit(0, 7));
  EndClass& bad = c.all().at({"", "deadlock"});
  bad.best.story = "one  two\na\n";
  bad.token = "flt1+bad";
  c.all().at({"", "exit status 0, with the usual output"}).token = "flt1+good";
  const std::string text = RenderClasses(c, {});
  EXPECT_THAT(text,
              HasSubstr("\none  two\na\n\n  faultline replay flt1+bad\n"));
  EXPECT_THAT(text, HasSubstr("\n          flt1+good\n"));
  EXPECT_THAT(text, Not(HasSubstr("replay flt1+good")));
}

}  // namespace
}  // namespace faultline::cli
