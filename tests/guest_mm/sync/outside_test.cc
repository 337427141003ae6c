// What wakes actors from outside the machine, when all of them wait.
// Covers: guest_mm/sync/scheduler.cc

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "guest_mm/sync/scheduler.h"

namespace faultline::mm {
namespace {

using ::testing::ElementsAre;

TEST(OutsideTest, IsWaitedForOnlyWhenNoTimerIsArmed) {
  WaitQueue input("input");
  Scheduler s(MakeRoundRobin());
  std::vector<MayWait> looks;
  s.set_outside([&](MayWait wait) {
    looks.push_back(wait);
    if (wait == MayWait::kYes) {
      input.WakeAll();
    }
  });
  s.Spawn("reader", [&] { (void)s.Wait(input, Interruptible::kYes); });
  s.Spawn("sleeper",
          [&] { (void)s.Sleep(s.now() + 100, Interruptible::kYes); });
  EXPECT_EQ(s.Run(), Scheduler::End::kAllDone);
  EXPECT_THAT(looks, ElementsAre(MayWait::kNo, MayWait::kYes));
}

TEST(OutsideTest, WhatComesWhileOthersSleepDoesNotWaitForTheirTimers) {
  WaitQueue input("input");
  Scheduler s(MakeRoundRobin());
  VirtualTime woken = VirtualTime::Never();
  s.set_outside([&](MayWait) { input.WakeAll(); });
  s.Spawn("reader", [&] {
    (void)s.Wait(input, Interruptible::kYes);
    woken = s.now();
  });
  s.Spawn("sleeper",
          [&] { (void)s.Sleep(s.now() + 100, Interruptible::kYes); });
  EXPECT_EQ(s.Run(), Scheduler::End::kAllDone);
  EXPECT_EQ(woken, VirtualTime());
}

TEST(OutsideTest, IfItWakesNobodyTheRunIsADeadlock) {
  WaitQueue other("other");
  Scheduler s(MakeRoundRobin());
  int looks = 0;
  s.set_outside([&](MayWait) { ++looks; });
  s.Spawn("a", [&] { (void)s.Wait(other, Interruptible::kYes); });
  EXPECT_EQ(s.Run(), Scheduler::End::kDeadlock);
  EXPECT_EQ(looks, 1);
}

}  // namespace
}  // namespace faultline::mm
