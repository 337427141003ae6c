// Covers: plugin/gdb/console.cc
#include "plugin/gdb/plan.h"

#include <gtest/gtest.h>

#include "plugin/gdb/console.h"

namespace faultline::gdb {
namespace {

TEST(PlanTest, SurvivesItsWayThroughALine) {
  Plan plan;
  plan.kind = Plan::Kind::kFindStep;
  plan.to = {1, 2, 3};
  plan.tid = 101;
  plan.stop = {.kind = Stop::Kind::kNamed, .thread = {1, 2}, .text = "x"};
  plan.session.points = {{PointType::kWriteWatch, 100, 0x1000, 4}};
  plan.session.attached = {100, 101};
  plan.session.stop_points = {"a", "b"};
  plan.session.caught_syscalls = {60};
  plan.session.multiprocess = true;
  plan.session.files = {"", "/file"};
  plan.session.changes = {{.at = {4, 5, 6}, .tid = 7, .bytes = "bytes"}};
  plan.console = {.inputs = {"b1", "n"}, .written = 9};
  const Plan back = DecodePlan(Encode(plan));
  EXPECT_EQ(Encode(back), Encode(plan));
  EXPECT_EQ(back.to, plan.to);
  EXPECT_EQ(back.session.points, plan.session.points);
  EXPECT_EQ(back.session.changes[0].bytes, "bytes");
  EXPECT_EQ(back.session.files, plan.session.files);
  EXPECT_EQ(back.console.inputs, plan.console.inputs);
}

std::string ReadSome(os::Console& console) {
  std::byte bytes[16];
  const auto n = console.Read(bytes);
  return n.ok() ? std::string(reinterpret_cast<char*>(bytes), *n) : "(error)";
}

void Write(os::Console& console, std::string_view text) {
  (void)console.Write(
      os::Console::Stream::kOut,
      {reinterpret_cast<const std::byte*>(text.data()), text.size()});
}

TEST(RewindConsoleTest, WhatWasReadIsReadAgainAndNothingIsWrittenTwice) {
  os::MemoryConsole world("input");
  RewindConsole first(world);
  EXPECT_TRUE(first.InputReady());
  EXPECT_EQ(ReadSome(first), "input");
  Write(first, "abc");
  RewindConsole again(world);
  again.Continue(first.log());
  EXPECT_TRUE(again.InputReady());
  EXPECT_EQ(ReadSome(again), "input");
  EXPECT_EQ(ReadSome(again), "");  // of the world, whose input has ended
  Write(again, "ab");
  Write(again, "cde");
  EXPECT_EQ(world.out(), "abcde");
}

TEST(RewindConsoleTest, OneThatIsMutedTellsNobody) {
  os::MemoryConsole world("input");
  RewindConsole console(world);
  console.Mute();
  Write(console, "abc");
  EXPECT_FALSE(console.InputReady());
  EXPECT_EQ(ReadSome(console), "(error)");
  EXPECT_EQ(world.out(), "");
}

}  // namespace
}  // namespace faultline::gdb
