#include "guest_mm/sync/lock.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "guest_mm/sync/scheduler.h"

// Tests take locks in ways that the analysis is there to forbid.
#define NO_ANALYSIS ABSL_NO_THREAD_SAFETY_ANALYSIS

namespace faultline::mm {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr LockClass kOuter{"outer", {"outer.locked"}, {"outer.unlocked"}, 10};
constexpr LockClass kInner{"inner", {"inner.locked"}, {"inner.unlocked"}, 20};
constexpr LockClass kTwins{
    "twins", {"twins.locked"}, {"twins.unlocked"}, 30, true};
constexpr LockClass kSpin{"spin", {"spin.locked"}, {"spin.unlocked"},
                          40,     false,           WhileHeld::kAtomic};
constexpr PointSite kHere{"test.here"};

using Log = std::vector<std::string>;
using Kind = LockReport::Kind;

// A scheduler whose lock reports are kept instead of ending the process.
class LockTest : public ::testing::Test {
 protected:
  LockTest() : s_(MakeRoundRobin()) {
    s_.set_report_handler([this](const LockReport& report) {
      reports_.push_back(report.text);
      kinds_.push_back(report.kind);
    });
  }
  // Gives every other actor its turn.
  void Yield() { s_.Yield(kHere); }

  Scheduler s_;
  Log reports_;
  std::vector<Kind> kinds_;
  Log log_;
};

TEST_F(LockTest, TheOneWhoWaitedLongestGetsIt) {
  Lock lock(kOuter);
  for (const char* name : {"a", "b", "c"}) {
    s_.Spawn(name, [this, &lock, name] {
      LockGuard guard(lock);
      EXPECT_EQ(lock.owner(), Scheduler::Current());
      log_.push_back(name + std::string("+"));
      Yield();
      log_.push_back(name + std::string("-"));
    });
  }
  EXPECT_EQ(s_.Run(), Scheduler::End::kAllDone);
  EXPECT_THAT(log_, ElementsAre("a+", "a-", "b+", "b-", "c+", "c-"));
  EXPECT_FALSE(lock.locked());
  EXPECT_THAT(reports_, IsEmpty());
}

TEST_F(LockTest, ExcludesUnderEverySeed) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    Scheduler s(MakeRandom(seed));
    Lock lock(kOuter);
    int inside = 0;
    int total = 0;
    for (int i = 0; i < 4; ++i) {
      s.Spawn("n", [&] {
        for (int round = 0; round < 5; ++round) {
          LockGuard guard(lock);
          ASSERT_EQ(++inside, 1);
          s.Point(kHere);
          --inside;
          ++total;
        }
      });
    }
    ASSERT_EQ(s.Run(), Scheduler::End::kAllDone);
    EXPECT_EQ(total, 20);
  }
}

TEST_F(LockTest, TryAcquireFailsOnAHeldLock) {
  Lock lock(kOuter);
  s_.Spawn("a", [&] {
    LockGuard guard(lock);
    Yield();
  });
  s_.Spawn("b", [&]() NO_ANALYSIS {
    EXPECT_FALSE(lock.TryAcquire());
    Yield();
    EXPECT_TRUE(lock.TryAcquire());
    lock.Release();
  });
  EXPECT_EQ(s_.Run(), Scheduler::End::kAllDone);
}

TEST_F(LockTest, AFatalInterruptionEndsAKillableAcquire) {
  Lock lock(kOuter);
  s_.Spawn("holder", [&] {
    LockGuard guard(lock);
    s_.Sleep(VirtualTime(100), Interruptible::kNo);
  });
  Actor& victim = s_.Spawn("victim", [&]() NO_ANALYSIS {
    EXPECT_FALSE(lock.AcquireKillable());
    log_.push_back("killed");
  });
  s_.Spawn("killer", [&] {
    s_.Interrupt(victim, Interruption::kSignal);
    s_.Interrupt(victim, Interruption::kFatal);
  });
  s_.Spawn("patient", [&]() NO_ANALYSIS {
    EXPECT_TRUE(lock.AcquireKillable());
    log_.push_back("patient");
    lock.Release();
  });
  EXPECT_EQ(s_.Run(), Scheduler::End::kAllDone);
  EXPECT_THAT(log_, ElementsAre("killed", "patient"));
}

TEST_F(LockTest, WorksWithoutAScheduler) {
  Lock lock(kOuter);
  {
    LockGuard guard(lock);
    EXPECT_TRUE(lock.locked());
    EXPECT_EQ(lock.owner(), nullptr);
    lock.AssertHeld();
  }
  EXPECT_FALSE(lock.locked());
  RwLock rw(kOuter);
  {
    ReadGuard one(rw);
    EXPECT_EQ(rw.readers(), 1);
  }
  WriteGuard two(rw);
  EXPECT_TRUE(rw.write_locked());
}

TEST_F(LockTest, HeldLocksAreListedOldestFirst) {
  Lock outer(kOuter);
  RwLock inner(kInner);
  s_.Spawn("a", [&] {
    LockGuard one(outer);
    ReadGuard two(inner);
    const auto& held = Scheduler::Current()->held();
    ASSERT_EQ(held.size(), 2u);
    EXPECT_EQ(held[0].lock, &outer);
    EXPECT_EQ(held[1].lock_class, &kInner);
    EXPECT_EQ(held[1].mode, LockMode::kShared);
  });
  s_.Run();
}

TEST_F(LockTest, ReadersShareAndWritersDoNot) {
  RwLock lock(kOuter);
  for (const char* name : {"r1", "r2"}) {
    s_.Spawn(name, [this, &lock, name] {
      ReadGuard guard(lock);
      log_.push_back(name + std::string("+"));
      Yield();
      log_.push_back(name + std::string("-"));
    });
  }
  s_.Spawn("w", [&] {
    WriteGuard guard(lock);
    EXPECT_EQ(lock.readers(), 0);
    log_.push_back("w");
  });
  EXPECT_EQ(s_.Run(), Scheduler::End::kAllDone);
  EXPECT_THAT(log_, ElementsAre("r1+", "r2+", "r1-", "r2-", "w"));
}

TEST_F(LockTest, AWaitingWriterStopsNewReaders) {
  RwLock lock(kOuter);
  s_.Spawn("r1", [&] {
    ReadGuard guard(lock);
    s_.Sleep(VirtualTime(10), Interruptible::kNo);
    log_.push_back("r1");
  });
  s_.Spawn("w", [&] {
    WriteGuard guard(lock);
    log_.push_back("w");
  });
  s_.Spawn("r2", [&]() NO_ANALYSIS {
    EXPECT_FALSE(lock.ReadTryAcquire());
    ReadGuard guard(lock);
    log_.push_back("r2");
  });
  EXPECT_EQ(s_.Run(), Scheduler::End::kAllDone);
  EXPECT_THAT(log_, ElementsAre("r1", "w", "r2"));
}

TEST_F(LockTest, AWriterThatIsKilledLetsTheReadersBehindItIn) {
  RwLock lock(kOuter);
  s_.Spawn("r1", [&] {
    ReadGuard guard(lock);
    s_.Sleep(VirtualTime(1000), Interruptible::kNo);
    log_.push_back("r1");
  });
  Actor& writer = s_.Spawn(
      "w", [&]() NO_ANALYSIS { EXPECT_FALSE(lock.WriteAcquireKillable()); });
  s_.Spawn("r2", [&] {
    ReadGuard guard(lock);
    log_.push_back("r2");
  });
  s_.Spawn("killer", [&] { s_.Interrupt(writer, Interruption::kFatal); });
  EXPECT_EQ(s_.Run(), Scheduler::End::kAllDone);
  EXPECT_THAT(log_, ElementsAre("r2", "r1"));
  EXPECT_FALSE(lock.contended());
}

TEST_F(LockTest, DowngradeLetsReadersInAndKeepsWritersOut) {
  RwLock lock(kOuter);
  s_.Spawn("w", [&]() NO_ANALYSIS {
    lock.WriteAcquire();
    Yield();
    lock.Downgrade();
    log_.push_back("downgraded");
    Yield();
    EXPECT_EQ(lock.readers(), 2);
    lock.ReadRelease();
  });
  s_.Spawn("r", [&] {
    ReadGuard guard(lock);
    log_.push_back("r");
    Yield();
  });
  s_.Spawn("w2", [&] {
    WriteGuard guard(lock);
    log_.push_back("w2");
  });
  EXPECT_EQ(s_.Run(), Scheduler::End::kAllDone);
  EXPECT_THAT(log_, ElementsAre("downgraded", "r", "w2"));
}

TEST_F(LockTest, ReadersAndWritersExcludeUnderEverySeed) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    Scheduler s(MakeRandom(seed));
    RwLock lock(kOuter);
    int readers = 0;
    int writers = 0;
    for (int i = 0; i < 6; ++i) {
      s.Spawn("n", [&, i] {
        for (int round = 0; round < 4; ++round) {
          if (i % 3 == 0) {
            WriteGuard guard(lock);
            ASSERT_EQ(++writers, 1);
            ASSERT_EQ(readers, 0);
            s.Point(kHere);
            --writers;
          } else {
            ReadGuard guard(lock);
            ++readers;
            ASSERT_EQ(writers, 0);
            s.Point(kHere);
            --readers;
          }
        }
      });
    }
    ASSERT_EQ(s.Run(), Scheduler::End::kAllDone);
    EXPECT_EQ(lock.readers(), 0);
    EXPECT_FALSE(lock.write_locked());
    EXPECT_FALSE(lock.contended());
  }
}

TEST_F(LockTest, TakingALockOfALowerRankIsReported) {
  Lock outer(kOuter), inner(kInner);
  s_.Spawn("a", [&] {
    LockGuard one(inner);
    LockGuard two(outer);
  });
  EXPECT_EQ(s_.Run(), Scheduler::End::kAllDone);
  EXPECT_THAT(reports_, ElementsAre("'a' (#0) takes outer (rank 10) while it "
                                    "holds inner (rank 20)"));
}

TEST_F(LockTest, EqualRanksNeedAClassThatNests) {
  Lock one(kInner), two(kInner), left(kTwins), right(kTwins);
  s_.Spawn("a", [&] {
    LockGuard first(one);
    LockGuard second(two);
  });
  s_.Spawn("b", [&] {
    LockGuard first(left);
    LockGuard second(right);
  });
  s_.Run();
  EXPECT_THAT(kinds_, ElementsAre(Kind::kOrder));
}

TEST_F(LockTest, ATrylockIsNotHeldToTheOrder) {
  Lock outer(kOuter), inner(kInner);
  s_.Spawn("a", [&]() NO_ANALYSIS {
    LockGuard one(inner);
    ASSERT_TRUE(outer.TryAcquire());
    outer.Release();
  });
  s_.Run();
  EXPECT_THAT(reports_, IsEmpty());
}

TEST_F(LockTest, TakingAHeldLockAgainIsReportedAndHangs) {
  Lock lock(kOuter);
  s_.Spawn("a", [&]() NO_ANALYSIS {
    lock.Acquire();
    lock.Acquire();
  });
  EXPECT_EQ(s_.Run(), Scheduler::End::kDeadlock);
  EXPECT_THAT(reports_,
              ElementsAre("'a' (#0) takes outer, which it holds already"));
  EXPECT_EQ(s_.DescribeActors(),
            "'a' (#0) waits for outer, held by 'a' (#0); last at outer; holds "
            "outer\n");
}

TEST_F(LockTest, ARingOfWaitersIsReportedWhenItCloses) {
  Lock left(kTwins), right(kTwins);
  s_.Spawn("a", [&] {
    LockGuard one(left);
    Yield();
    LockGuard two(right);
  });
  s_.Spawn("b", [&] {
    LockGuard one(right);
    LockGuard two(left);
  });
  EXPECT_EQ(s_.Run(), Scheduler::End::kDeadlock);
  EXPECT_THAT(kinds_, ElementsAre(Kind::kDeadlock));
  EXPECT_THAT(reports_,
              ElementsAre("'a' (#0) waits for twins held by 'b' (#1); 'b' (#1) "
                          "waits for twins held by 'a' (#0)"));
}

TEST_F(LockTest, ARingThroughOneOfManyReadersIsFound) {
  RwLock rw(kOuter);
  Lock inner(kInner);
  s_.Spawn("bystander", [&] {
    ReadGuard one(rw);
    s_.Sleep(VirtualTime(1000), Interruptible::kNo);
  });
  s_.Spawn("reader", [&] {
    ReadGuard one(rw);
    Yield();
    LockGuard two(inner);
  });
  s_.Spawn("writer", [&] {
    LockGuard one(inner);
    WriteGuard two(rw);  // the wrong way round
  });
  EXPECT_EQ(s_.Run(), Scheduler::End::kDeadlock);
  EXPECT_THAT(kinds_, ElementsAre(Kind::kOrder, Kind::kDeadlock));
}

TEST_F(LockTest, ReleasingWhatIsNotHeldIsReportedAndChangesNothing) {
  Lock lock(kOuter);
  s_.Spawn("holder", [&] {
    LockGuard guard(lock);
    Yield();
    EXPECT_TRUE(lock.locked());
  });
  s_.Spawn("thief", [&]() NO_ANALYSIS {
    lock.Release();
    lock.AssertHeld();
  });
  EXPECT_EQ(s_.Run(), Scheduler::End::kAllDone);
  EXPECT_THAT(reports_,
              ElementsAre("'thief' (#1) releases outer, which it does not hold",
                          "'thief' (#1) must hold outer here and does not"));
}

TEST_F(LockTest, AReaderDoesNotPassForAWriter) {
  RwLock lock(kOuter);
  s_.Spawn("a", [&]() NO_ANALYSIS {
    lock.ReadAcquire();
    lock.AssertReadHeld();
    EXPECT_THAT(reports_, IsEmpty());
    lock.AssertWriteHeld();
    EXPECT_THAT(kinds_, ElementsAre(Kind::kNotHeld));
    lock.ReadRelease();
    lock.WriteAcquire();
    lock.AssertReadHeld();
    lock.WriteRelease();
  });
  s_.Run();
  EXPECT_THAT(kinds_, ElementsAre(Kind::kNotHeld));
}

TEST_F(LockTest, EndingWithALockIsReported) {
  Lock lock(kOuter);
  s_.Spawn("a", [&]() NO_ANALYSIS { lock.Acquire(); });
  s_.Run();
  EXPECT_THAT(reports_, ElementsAre("'a' (#0) ends while it holds outer"));
}

TEST_F(LockTest, SleepingWithASpinlockIsReported) {
  Lock mutex(kOuter), spin(kSpin);
  s_.Spawn("a", [&] {
    LockGuard one(mutex);
    s_.Sleep(VirtualTime(1), Interruptible::kNo);
    EXPECT_THAT(reports_, IsEmpty());
    LockGuard two(spin);
    s_.Sleep(VirtualTime(2), Interruptible::kNo);
  });
  s_.Run();
  EXPECT_THAT(reports_, ElementsAre("'a' (#0) waits for sleep while it holds "
                                    "outer, spin"));
}

// Every window of a lock's life is a place where another actor can come in.
class PointLog : public ScheduleObserver {
 public:
  void OnSwitch(const Actor*, const Actor&, const PointSite*) override {}
  void OnPoint(const Actor&, const PointSite& at) override {
    log.push_back(at.name);
  }
  Log log;
};

TEST_F(LockTest, BeforeTakenAndReleasedAreSchedulePoints) {
  PointLog points;
  s_.set_observer(&points, /*wants_points=*/true);
  Lock lock(kInner);
  s_.Spawn("a", [&] { LockGuard guard(lock); });
  s_.Run();
  EXPECT_THAT(points.log,
              ElementsAre("inner", "inner.locked", "inner.unlocked"));
}

TEST(LockDeathTest, WithoutAHandlerAReportEndsTheProcess) {
  EXPECT_DEATH(
      {
        Scheduler s(MakeRoundRobin());
        Lock outer(kOuter);
        Lock inner(kInner);
        s.Spawn("a", [&] {
          LockGuard one(inner);
          LockGuard two(outer);
        });
        s.Run();
      },
      "lock order: 'a' \\(#0\\) takes outer");
}

TEST(LockDeathTest, ContentionWithoutASchedulerEndsTheProcess) {
  EXPECT_DEATH(
      {
        Lock lock(kOuter);
        const auto twice = [&]() NO_ANALYSIS {
          lock.Acquire();
          lock.Acquire();
        };
        twice();
      },
      "outer is held");
}

}  // namespace
}  // namespace faultline::mm
