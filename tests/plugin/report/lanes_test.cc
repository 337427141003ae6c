#include "plugin/report/lanes.h"

#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/plugin/report/test_trace.h"

namespace faultline::report {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> Spans(const std::vector<std::string>& events) {
  TraceData trace = Trace(events);
  const Lanes lanes = MakeLanes(trace);
  EXPECT_EQ(lanes.lane_of.size(), trace.size());
  static constexpr const char* kKinds[] = {"runs", "waits", "call", "lock",
                                           "shared"};
  std::vector<std::string> out;
  for (const LaneSpan& s : lanes.spans) {
    out.push_back(absl::StrFormat(
        "%s %s %s %d-%d depth %d",
        std::string(trace.strings()[lanes.actors[s.lane]]),
        kKinds[size_t(s.kind)], std::string(trace.strings()[s.name]), s.start,
        s.end, s.depth));
  }
  return out;
}

TEST(LanesTest, ActorsRunInTurn) {
  EXPECT_THAT(Spans({SwitchTo("a"), SwitchTo("b"), SwitchTo("a")}),
              ElementsAre("a runs a 0-1 depth 0", "b runs b 1-2 depth 0",
                          "a runs a 2-3 depth 0"));
}

TEST(LanesTest, LocksNest) {
  EXPECT_THAT(
      Spans({SwitchTo("a"), Point("mmap_lock.locked", R"(,"mode":"shared")"),
             Point("pte.lock.locked", R"(,"mode":"exclusive")"),
             Point("pte.lock.unlocked"), Point("mmap_lock.unlocked"),
             Point("other.unlocked")}),
      ElementsAre("a runs a 0-6 depth 0", "a shared mmap_lock 1-4 depth 0",
                  "a lock pte.lock 2-3 depth 1"));
}

// It began to wait when it had the floor, and has waited until it had it again.
TEST(LanesTest, AWaitEndsWithTheNextTurn) {
  EXPECT_THAT(
      Spans({SwitchTo("a"), Point("wait", R"(,"for":"pte.lock")"),
             SwitchTo("b"), SwitchTo("a")}),
      ElementsAre("a runs a 0-2 depth 0", "a waits pte.lock 1-3 depth 0",
                  "b runs b 2-3 depth 0", "a runs a 3-4 depth 0"));
}

TEST(LanesTest, ASystemCallIsNamedAtItsEnd) {
  EXPECT_THAT(Spans({SwitchTo("a"), Point("syscall.enter"),
                     R"("kind":"syscall","event":"brk")"}),
              ElementsAre("a runs a 0-3 depth 0", "a call brk 1-2 depth 0"));
}

TEST(LanesTest, WhatHasNotEndedGoesOnToTheEnd) {
  EXPECT_THAT(Spans({SwitchTo("a"), Point("x.locked"), SwitchTo("b")}),
              ElementsAre("a runs a 0-2 depth 0", "a lock x 1-3 depth 0",
                          "b runs b 2-3 depth 0"));
}

}  // namespace
}  // namespace faultline::report
