// Exclusive locks: whose turn it is, and where others can come in.
// Covers: guest_mm/sync/lock_keeper.cc

#include "guest_mm/sync/lock.h"

#include "tests/guest_mm/sync/lock_fixture.h"

namespace faultline::mm {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using LockTest = LockFixture;

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

// Every window of a lock's life is a place where another actor can come in.
class PointLog : public ScheduleObserver {
 public:
  void OnSwitch(const Actor*, const Actor&, const PointSite*) override {}
  void OnPoint(const Actor&, const PointSite& at) override {
    log.push_back(at.name);
  }
  std::vector<std::string> log;
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

TEST_F(LockTest, ALockNobodyElseKnowsOfIsTakenWithoutAPoint) {
  PointLog points;
  s_.set_observer(&points, /*wants_points=*/true);
  Lock lock(kInner);
  s_.Spawn("a", [&]() NO_ANALYSIS {
    lock.AcquireNew();
    EXPECT_EQ(lock.owner(), Scheduler::Current());
    lock.Release();
  });
  s_.Run();
  EXPECT_THAT(points.log, ElementsAre("inner.unlocked"));
  EXPECT_THAT(reports_, IsEmpty());
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
