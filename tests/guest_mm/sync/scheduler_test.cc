#include "guest_mm/sync/scheduler.h"

#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace faultline::mm {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr PointSite kHere{"test.here"};

// What the actors did, in order.
using Log = std::vector<std::string>;

// Two actors that pass `steps` points each.
Log RunPair(std::unique_ptr<Strategy> strategy, int steps) {
  Log log;
  Scheduler s(std::move(strategy));
  for (const char* name : {"a", "b"}) {
    s.Spawn(name, [&s, &log, name, steps] {
      for (int i = 0; i < steps; ++i) {
        log.push_back(name + std::to_string(i));
        s.Point(kHere);
      }
    });
  }
  EXPECT_EQ(s.Run(), Scheduler::End::kAllDone);
  return log;
}

TEST(SchedulerTest, RoundRobinKeepsTheActorAtAPoint) {
  EXPECT_THAT(RunPair(MakeRoundRobin(), 2),
              ElementsAre("a0", "a1", "b0", "b1"));
}

TEST(SchedulerTest, RoundRobinMovesOnWhenTheSliceIsOver) {
  Log log;
  Scheduler s(MakeRoundRobin());
  for (const char* name : {"a", "b", "c"}) {
    s.Spawn(name, [&s, &log, name] {
      log.push_back(std::string(name) + "0");
      s.SliceOver(kHere);
      log.push_back(std::string(name) + "1");
    });
  }
  EXPECT_EQ(s.Run(), Scheduler::End::kAllDone);
  EXPECT_THAT(log, ElementsAre("a0", "b0", "c0", "a1", "b1", "c1"));
}

TEST(SchedulerTest, AnActorMaySpawnAnother) {
  Log log;
  Scheduler s(MakeRoundRobin());
  s.Spawn("parent", [&] {
    s.Spawn("child", [&] { log.push_back("child"); });
    log.push_back("parent");
  });
  EXPECT_EQ(s.Run(), Scheduler::End::kAllDone);
  EXPECT_THAT(log, ElementsAre("parent", "child"));
}

TEST(SchedulerTest, CurrentIsTheRunningActorAndNullOutside) {
  Scheduler s(MakeRoundRobin());
  Actor* seen = nullptr;
  Actor& actor = s.Spawn("a", [&] {
    seen = Scheduler::Current();
    EXPECT_EQ(Scheduler::Active(), &s);
  });
  EXPECT_EQ(Scheduler::Current(), nullptr);
  s.Run();
  EXPECT_EQ(seen, &actor);
  EXPECT_EQ(Scheduler::Active(), nullptr);
}

TEST(SchedulerTest, ThousandsOfShortLivesReuseStacksAndLeaveNothing) {
  Scheduler s(MakeRoundRobin());
  int done = 0;
  s.Spawn("init", [&] {
    for (int i = 0; i < 5000; ++i) {
      s.Spawn("child", [&done] { ++done; });
      s.Yield(kHere);
      ASSERT_LE(s.actors().size(), 2u);
    }
  });
  EXPECT_EQ(s.Run(), Scheduler::End::kAllDone);
  EXPECT_EQ(done, 5000);
  EXPECT_TRUE(s.actors().empty());
}

TEST(SchedulerTest, ThousandsAtOnceAllRun) {
  Scheduler s(MakeRandom(1));
  int done = 0;
  for (int i = 0; i < 2000; ++i) {
    ASSERT_TRUE(s.ReserveStack());
    s.Spawn("n", [&] {
      s.Point(kHere);
      ++done;
    });
  }
  EXPECT_EQ(s.Run(), Scheduler::End::kAllDone);
  EXPECT_EQ(done, 2000);
}

TEST(SchedulerTest, StopReturnsAtThePointAndRunContinuesThere) {
  Log log;
  Scheduler s(MakeRoundRobin());
  s.Spawn("a", [&] {
    log.push_back("before");
    s.Stop();
    log.push_back("still");
    s.Point(kHere);
    log.push_back("after");
  });
  s.Spawn("b", [&] { log.push_back("b"); });
  EXPECT_EQ(s.Run(), Scheduler::End::kStopped);
  EXPECT_THAT(log, ElementsAre("before", "still"));
  EXPECT_EQ(s.Run(), Scheduler::End::kAllDone);
  EXPECT_THAT(log, ElementsAre("before", "still", "after", "b"));
}

TEST(SchedulerTest, WaitersWakeInOrderOfArrival) {
  Log log;
  WaitQueue queue("test.queue");
  Scheduler s(MakeRoundRobin());
  for (const char* name : {"a", "b", "c"}) {
    s.Spawn(name, [&s, &log, &queue, name] {
      EXPECT_EQ(s.Wait(queue, Interruptible::kNo), WaitResult::kWoken);
      log.push_back(name);
    });
  }
  s.Spawn("waker", [&] {
    EXPECT_EQ(queue.Wake(2), 2u);
    s.Yield(kHere);
    log.push_back("|");
    EXPECT_EQ(queue.WakeAll(), 1u);
    EXPECT_EQ(queue.WakeAll(), 0u);
  });
  EXPECT_EQ(s.Run(), Scheduler::End::kAllDone);
  EXPECT_THAT(log, ElementsAre("a", "b", "|", "c"));
}

TEST(SchedulerTest, TimeJumpsToTheNextTimerWhenEveryoneSleeps) {
  Log log;
  Scheduler s(MakeRoundRobin());
  s.Spawn("late", [&] {
    EXPECT_EQ(s.Sleep(VirtualTime(3000), Interruptible::kNo),
              WaitResult::kTimedOut);
    log.push_back("late@" + std::to_string(s.now().ns()));
  });
  s.Spawn("early", [&] {
    s.Sleep(VirtualTime(1000), Interruptible::kNo);
    log.push_back("early@" + std::to_string(s.now().ns()));
  });
  EXPECT_EQ(s.Run(), Scheduler::End::kAllDone);
  EXPECT_THAT(log, ElementsAre("early@1000", "late@3000"));
}

TEST(SchedulerTest, AdvanceFiresWhatCameDue) {
  Scheduler s(MakeRoundRobin());
  int fired = 0;
  s.AddTimer(VirtualTime(100), [&] {
    EXPECT_EQ(Scheduler::Current(), nullptr);
    ++fired;
  });
  s.Spawn("a", [&] {
    s.Advance(99);
    EXPECT_EQ(fired, 0);
    s.Advance(1);
    EXPECT_EQ(fired, 1);
    EXPECT_EQ(Scheduler::Current()->name(), "a");
  });
  s.Run();
}

TEST(SchedulerTest, AWakeAtTheInstantOfTheDeadlineWins) {
  WaitQueue queue("test.queue");
  Scheduler s(MakeRoundRobin());
  // Armed before the wait's own timer, so it fires first.
  s.AddTimer(VirtualTime(500), [&] { queue.WakeAll(); });
  WaitResult result{};
  s.Spawn("a", [&] {
    result = s.Wait(queue, Interruptible::kNo, VirtualTime(500));
  });
  EXPECT_EQ(s.Run(), Scheduler::End::kAllDone);
  EXPECT_EQ(result, WaitResult::kWoken);
}

TEST(SchedulerTest, ADeadlineThatHasPassedAnswersAtOnce) {
  WaitQueue queue("test.queue");
  Scheduler s(MakeRoundRobin());
  s.Spawn("a", [&] {
    s.Advance(10);
    EXPECT_EQ(s.Wait(queue, Interruptible::kNo, VirtualTime(10)),
              WaitResult::kTimedOut);
  });
  EXPECT_EQ(s.Run(), Scheduler::End::kAllDone);
}

TEST(SchedulerTest, DeadlockSaysWhoWaitsForWhat) {
  WaitQueue queue("futex");
  Scheduler s(MakeRoundRobin());
  s.Spawn("sh", [&] { s.Wait(queue, Interruptible::kYes); });
  EXPECT_EQ(s.Run(), Scheduler::End::kDeadlock);
  EXPECT_EQ(s.DescribeActors(), "'sh' (#0) waits for futex\n");
}

TEST(SchedulerTest, AStoppedRunMayBeWokenFromOutside) {
  WaitQueue queue("outside");
  Scheduler s(MakeRoundRobin());
  bool woken = false;
  s.Spawn("a", [&] {
    s.Wait(queue, Interruptible::kNo);
    woken = true;
  });
  EXPECT_EQ(s.Run(), Scheduler::End::kDeadlock);
  queue.WakeAll();
  EXPECT_EQ(s.Run(), Scheduler::End::kAllDone);
  EXPECT_TRUE(woken);
}

TEST(SchedulerTest, DaemonsKeepNoRunAlive) {
  WaitQueue queue("work");
  Scheduler s(MakeRoundRobin());
  int served = 0;
  s.SpawnDaemon("daemon", [&] {
    for (;;) {
      s.Wait(queue, Interruptible::kNo, s.now() + 1000);
      ++served;
    }
  });
  s.Spawn("a", [&] {
    queue.WakeAll();
    s.Sleep(s.now() + 2500, Interruptible::kNo);
  });
  EXPECT_EQ(s.Run(), Scheduler::End::kAllDone);
  EXPECT_EQ(served, 3) << "woken once, and by two of its timers";
}

// Its timers would go on for ever.
TEST(SchedulerTest, ADaemonThatLooksRoundNowAndThenHidesNoDeadlock) {
  WaitQueue queue("never");
  Scheduler s(MakeRoundRobin());
  s.SpawnDaemon("daemon", [&] {
    for (;;) {
      s.Sleep(s.now() + 1000, Interruptible::kNo);
    }
  });
  s.Spawn("a", [&] { s.Wait(queue, Interruptible::kNo); });
  EXPECT_EQ(s.Run(), Scheduler::End::kDeadlock);
}

class SwitchLog : public ScheduleObserver {
 public:
  void OnSwitch(const Actor* from, const Actor& to,
                const PointSite* at) override {
    log.push_back((from == nullptr ? "-" : from->name()) + ">" + to.name() +
                  (at == nullptr ? "" : std::string("@") + at->name));
  }
  void OnPoint(const Actor& actor, const PointSite& at) override {
    log.push_back(actor.name() + ":" + at.name);
  }
  Log log;
};

// As a task's sockets do, which a deadlock leaves open.
TEST(SchedulerTest, WhatUnfinishedActorsHoldMayWakeOthersAsItEnds) {
  WaitQueue queue("test");
  struct WakesAtItsEnd {
    WaitQueue& queue;
    int* ends;
    ~WakesAtItsEnd() {
      queue.WakeAll();
      ++*ends;
    }
  };
  int ends = 0;
  {
    Scheduler s(MakeRoundRobin());
    for (int i = 0; i < 3; ++i) {
      auto held = std::make_shared<WakesAtItsEnd>(queue, &ends);
      s.Spawn("a", [&s, &queue, held = std::move(held)] {
        (void)s.Wait(queue, Interruptible::kNo);
      });
    }
    EXPECT_EQ(s.Run(), Scheduler::End::kDeadlock);
    EXPECT_EQ(ends, 0);
  }
  EXPECT_EQ(ends, 3);
  EXPECT_TRUE(queue.empty());
}

TEST(SchedulerTest, TheObserverSeesSwitchesAndPoints) {
  SwitchLog seen;
  Scheduler s(MakeRoundRobin());
  s.set_observer(&seen, /*wants_points=*/true);
  s.Spawn("a", [&] {
    s.Point(kHere);
    s.Yield(kHere);
  });
  s.Spawn("b", [&] {});
  s.Run();
  EXPECT_THAT(seen.log, ElementsAre("->a", "a:test.here", "a:test.here",
                                    "a>b@test.here", "->a"));
}

TEST(SchedulerTest, GoesOnInAForkOfTheHostProcess) {
  Scheduler s(MakeRoundRobin());
  WaitQueue queue("test.queue");
  int value = 0;
  s.Spawn("a", [&] {
    s.Stop();
    s.Point(kHere);
    s.Sleep(VirtualTime(10), Interruptible::kNo);
    value = 42;
  });
  ASSERT_EQ(s.Run(), Scheduler::End::kStopped);
  const pid_t child = fork();
  if (child == 0) {
    const bool good = s.Run() == Scheduler::End::kAllDone && value == 42;
    _exit(good ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(value, 0);
  EXPECT_EQ(s.Run(), Scheduler::End::kAllDone);
  EXPECT_EQ(value, 42);
}

TEST(SchedulerTest, AnActorMayForkTheHostProcess) {
  Scheduler s(MakeRoundRobin());
  int status = -1;
  s.Spawn("a", [&] {
    const pid_t child = fork();
    if (child == 0) {
      s.Sleep(VirtualTime(10), Interruptible::kNo);
      _exit(7);
    }
    waitpid(child, &status, 0);
  });
  s.Spawn("b", [&] { s.Sleep(VirtualTime(5), Interruptible::kNo); });
  EXPECT_EQ(s.Run(), Scheduler::End::kAllDone);
  EXPECT_EQ(WEXITSTATUS(status), 7);
}

TEST(SchedulerDeathTest, AnOverflowingStackHitsTheGuardPage) {
  struct Deep {
    static int Down(volatile char* above, int n) {
      volatile char frame[4096];
      frame[0] = above[0];
      return n == 0 ? frame[0] : Down(frame, n - 1) + frame[0];
    }
  };
  EXPECT_DEATH(
      {
        Scheduler s(MakeRoundRobin());
        s.Spawn("deep", [] {
          volatile char top[1] = {0};
          (void)Deep::Down(top, int(Scheduler::kStackBytes / 4096) + 8);
        });
        s.Run();
      },
      "");
}

}  // namespace
}  // namespace faultline::mm
