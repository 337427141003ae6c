// What is reported about the order of locks, about rings of waiters and about
// locks that are not held as they should be.

#include "guest_mm/sync/lock.h"

#include "tests/guest_mm/sync/lock_fixture.h"

namespace faultline::mm {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using LockCheckTest = LockFixture;

TEST_F(LockCheckTest, TakingALockOfALowerRankIsReported) {
  Lock outer(kOuter), inner(kInner);
  s_.Spawn("a", [&] {
    LockGuard one(inner);
    LockGuard two(outer);
  });
  EXPECT_EQ(s_.Run(), Scheduler::End::kAllDone);
  EXPECT_THAT(reports_, ElementsAre("'a' (#0) takes outer (rank 10) while it "
                                    "holds inner (rank 20)"));
}

TEST_F(LockCheckTest, EqualRanksNeedAClassThatNests) {
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

TEST_F(LockCheckTest, ATrylockIsNotHeldToTheOrder) {
  Lock outer(kOuter), inner(kInner);
  s_.Spawn("a", [&]() NO_ANALYSIS {
    LockGuard one(inner);
    ASSERT_TRUE(outer.TryAcquire());
    outer.Release();
  });
  s_.Run();
  EXPECT_THAT(reports_, IsEmpty());
}

TEST_F(LockCheckTest, TakingAHeldLockAgainIsReportedAndHangs) {
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

TEST_F(LockCheckTest, ARingOfWaitersIsReportedWhenItCloses) {
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

TEST_F(LockCheckTest, ARingThroughOneOfManyReadersIsFound) {
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

TEST_F(LockCheckTest, ReleasingWhatIsNotHeldIsReportedAndChangesNothing) {
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

TEST_F(LockCheckTest, AReaderDoesNotPassForAWriter) {
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

TEST_F(LockCheckTest, EndingWithALockIsReported) {
  Lock lock(kOuter);
  s_.Spawn("a", [&]() NO_ANALYSIS { lock.Acquire(); });
  s_.Run();
  EXPECT_THAT(reports_, ElementsAre("'a' (#0) ends while it holds outer"));
}

TEST_F(LockCheckTest, SleepingWithASpinlockIsReported) {
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

TEST(LockCheckDeathTest, WithoutAHandlerAReportEndsTheProcess) {
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

}  // namespace
}  // namespace faultline::mm
