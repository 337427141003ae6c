#include "plugin/linux/futex/futex_table.h"

#include <functional>
#include <memory>
#include <vector>

#include "gtest/gtest.h"
#include "guest_mm/sync/scheduler.h"

namespace faultline::os {
namespace {

using mm::Interruptible;
using mm::MakeRoundRobin;
using mm::Scheduler;
using mm::VirtualTime;

FutexKey Key(uint64_t address) {
  FutexKey key;
  key.mm_id = 1;
  key.offset = address;
  return key;
}

constexpr mm::PointSite kHere{"test.here"};

class FutexTableTest : public ::testing::Test {
 protected:
  FutexTableTest() : s_(MakeRoundRobin()) {}

  // An actor that sleeps on `key` and then writes its number down.
  void SpawnSleeper(uint64_t address, int number,
                    uint32_t bitset = kFutexBitsetMatchAny) {
    s_.Spawn("sleeper", [=, this] {
      FutexSleep sleep;
      FutexPlace place(sleep, 0, bitset);
      table_.Add(place, Key(address));
      while (sleep.woken_by < 0) {
        s_.Wait(sleep.queue, Interruptible::kNo);
      }
      EXPECT_FALSE(place.queued());
      woken_.push_back(number);
    });
  }
  // Runs `body` when everyone has done what they could after the last one.
  void Then(std::function<void()> body) {
    const VirtualTime at(uint64_t(++steps_) * 1000);
    s_.Spawn("then", [this, body, at] {
      s_.Sleep(at, Interruptible::kNo);
      body();
    });
  }

  Scheduler s_;
  FutexTable table_;
  std::vector<int> woken_;
  int steps_ = 0;
};

TEST_F(FutexTableTest, TheOldestSleepersAreWoken) {
  for (int i = 0; i < 3; ++i) {
    SpawnSleeper(0x1000, i);
  }
  Then([&] { EXPECT_EQ(*table_.Wake(Key(0x1000), 2), 2); });
  Then([&] {
    EXPECT_EQ(woken_, (std::vector<int>{0, 1}));
    EXPECT_EQ(table_.waiting(Key(0x1000)), 1u);
    EXPECT_EQ(*table_.Wake(Key(0x1000), 9), 1);
  });
  EXPECT_EQ(s_.Run(), Scheduler::End::kAllDone);
  EXPECT_TRUE(table_.empty());
}

TEST_F(FutexTableTest, WakingNoneWakesOneAsLinuxDoes) {
  SpawnSleeper(0x1000, 0);
  SpawnSleeper(0x1000, 1);
  Then([&] {
    EXPECT_EQ(*table_.Wake(Key(0x1000), 0), 1);
    EXPECT_EQ(*table_.Wake(Key(0x1000), -5), 1);
    EXPECT_EQ(*table_.Wake(Key(0x1000), 1), 0);
  });
  EXPECT_EQ(s_.Run(), Scheduler::End::kAllDone);
}

TEST_F(FutexTableTest, OnlyABitsetThatMeetsWakes) {
  SpawnSleeper(0x1000, 0, 0x1);
  SpawnSleeper(0x1000, 1, 0x2);
  SpawnSleeper(0x1000, 2, 0x6);
  Then([&] { EXPECT_EQ(*table_.Wake(Key(0x1000), 9, 0x2), 2); });
  Then([&] {
    EXPECT_EQ(woken_, (std::vector<int>{1, 2}));
    EXPECT_EQ(*table_.Wake(Key(0x1000), 9), 1);
  });
  EXPECT_EQ(s_.Run(), Scheduler::End::kAllDone);
}

TEST_F(FutexTableTest, AnotherAddressOrSpaceIsAnotherFutex) {
  SpawnSleeper(0x1000, 0);
  Then([&] {
    FutexKey other = Key(0x1000);
    other.mm_id = 2;
    EXPECT_EQ(*table_.Wake(other, 9), 0);
    EXPECT_EQ(*table_.Wake(Key(0x1004), 9), 0);
    EXPECT_EQ(*table_.Wake(Key(0x1000), 9), 1);
  });
  EXPECT_EQ(s_.Run(), Scheduler::End::kAllDone);
}

TEST_F(FutexTableTest, RequeueWakesSomeAndMovesTheNextOnes) {
  for (int i = 0; i < 5; ++i) {
    SpawnSleeper(0x1000, i);
  }
  Then([&] {
    EXPECT_EQ(*table_.Requeue(Key(0x1000), Key(0x2000), 1, 2), 3);
    EXPECT_EQ(table_.waiting(Key(0x1000)), 2u);
    EXPECT_EQ(table_.waiting(Key(0x2000)), 2u);
  });
  Then([&] {
    EXPECT_EQ(woken_, (std::vector<int>{0}));
    EXPECT_EQ(*table_.Wake(Key(0x2000), 9), 2);
  });
  Then([&] {
    EXPECT_EQ(woken_, (std::vector<int>{0, 1, 2}));
    EXPECT_EQ(*table_.Wake(Key(0x1000), 9), 2);
  });
  EXPECT_EQ(s_.Run(), Scheduler::End::kAllDone);
}

TEST_F(FutexTableTest, RequeueOntoItselfCountsAndKeepsTheOrder) {
  SpawnSleeper(0x1000, 0);
  SpawnSleeper(0x1000, 1);
  Then([&] {
    EXPECT_EQ(*table_.Requeue(Key(0x1000), Key(0x1000), 0, 5), 2);
    EXPECT_EQ(*table_.Wake(Key(0x1000), 9), 2);
  });
  EXPECT_EQ(s_.Run(), Scheduler::End::kAllDone);
  EXPECT_EQ(woken_, (std::vector<int>{0, 1}));
}

TEST_F(FutexTableTest, ASleeperThatGivesUpLeavesNoTrace) {
  s_.Spawn("impatient", [&] {
    FutexSleep sleep;
    FutexPlace place(sleep, 0, kFutexBitsetMatchAny);
    table_.Add(place, Key(0x1000));
    s_.Wait(sleep.queue, Interruptible::kNo, VirtualTime(10));
    EXPECT_EQ(sleep.woken_by, -1);
  });
  EXPECT_EQ(s_.Run(), Scheduler::End::kAllDone);
  EXPECT_TRUE(table_.empty());
}

TEST_F(FutexTableTest, OneOfManyPlacesSaysWhichWasWoken) {
  s_.Spawn("waitv", [&] {
    FutexSleep sleep;
    FutexPlace first(sleep, 0, kFutexBitsetMatchAny);
    FutexPlace second(sleep, 1, kFutexBitsetMatchAny);
    table_.Add(first, Key(0x1000));
    table_.Add(second, Key(0x2000));
    while (sleep.woken_by < 0) {
      s_.Wait(sleep.queue, Interruptible::kNo);
    }
    EXPECT_EQ(sleep.woken_by, 1);
    EXPECT_TRUE(first.queued());
  });
  Then([&] { EXPECT_EQ(*table_.Wake(Key(0x2000), 1), 1); });
  EXPECT_EQ(s_.Run(), Scheduler::End::kAllDone);
  EXPECT_TRUE(table_.empty());
}

TEST_F(FutexTableTest, APlainWakeRefusesAPiFutex) {
  s_.Spawn("owner to be", [&] {
    FutexSleep sleep;
    FutexPlace place(sleep, 0, kFutexBitsetMatchAny, FutexUse::kPi, 7);
    table_.Add(place, Key(0x1000));
    while (sleep.woken_by < 0) {
      s_.Wait(sleep.queue, Interruptible::kNo);
    }
  });
  Then([&] {
    EXPECT_EQ(table_.Wake(Key(0x1000), 1).error(), Errno::kEINVAL);
    EXPECT_EQ(table_.Requeue(Key(0x1000), Key(0x2000), 1, 1).error(),
              Errno::kEINVAL);
    FutexPlace* place = table_.FirstPi(Key(0x1000));
    ASSERT_NE(place, nullptr);
    EXPECT_EQ(place->tid(), 7);
    table_.Claim(*place);
    EXPECT_EQ(table_.FirstPi(Key(0x1000)), nullptr);
    table_.WakeClaimed(*place);
  });
  EXPECT_EQ(s_.Run(), Scheduler::End::kAllDone);
}

// A waker changes the word and then looks into the table; a sleeper enters the
// table and then looks at the word. No schedule loses the wake-up.
TEST(FutexTableRaceTest, NoWakeUpIsLostUnderAnySeed) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    Scheduler s(mm::MakeRandom(seed));
    FutexTable table;
    int word = 0;
    for (int i = 0; i < 3; ++i) {
      s.Spawn("sleeper", [&] {
        while (word == 0) {
          FutexSleep sleep;
          FutexPlace place(sleep, 0, kFutexBitsetMatchAny);
          s.Point(kHere);
          table.Add(place, Key(0x1000));
          s.Point(kHere);
          if (word != 0) {
            break;
          }
          s.Point(kHere);
          while (sleep.woken_by < 0) {
            s.Wait(sleep.queue, Interruptible::kNo);
          }
        }
      });
    }
    s.Spawn("waker", [&] {
      s.Point(kHere);
      word = 1;
      s.Point(kHere);
      (void)*table.Wake(Key(0x1000), 9);
    });
    ASSERT_EQ(s.Run(), Scheduler::End::kAllDone) << seed;
  }
}

}  // namespace
}  // namespace faultline::os
