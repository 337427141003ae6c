// Locks for readers and writers, which sit in guest_mm/sync/lock.h.

#include "guest_mm/sync/lock.h"

#include "tests/guest_mm/sync/lock_fixture.h"

namespace faultline::mm {
namespace {

using ::testing::ElementsAre;

using RwLockTest = LockFixture;

TEST_F(RwLockTest, ReadersShareAndWritersDoNot) {
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

TEST_F(RwLockTest, AWaitingWriterStopsNewReaders) {
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

TEST_F(RwLockTest, AWriterThatIsKilledLetsTheReadersBehindItIn) {
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

TEST_F(RwLockTest, DowngradeLetsReadersInAndKeepsWritersOut) {
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

TEST_F(RwLockTest, ReadersAndWritersExcludeUnderEverySeed) {
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

}  // namespace
}  // namespace faultline::mm
