#include "guest_mm/sync/inject.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "guest_mm/phys/frame.h"
#include "guest_mm/sync/lock.h"
#include "guest_mm/sync/scheduler.h"

namespace faultline::mm {
namespace {

using ::testing::ElementsAre;

constexpr FailSite kSite{"test.site", "a test's"};

// Fails what is asked about, and remembers it.
class Recording : public FailureSource {
 public:
  bool ShouldFail(const FailSite& site, uint64_t address) override {
    asked.push_back(std::string(site.name) + "@" + std::to_string(address));
    return fails;
  }
  std::vector<std::string> asked;
  bool fails = true;
};

TEST(InjectTest, NothingFailsWhenNobodyDecides) {
  EXPECT_FALSE(MayFail(kSite));
  EXPECT_EQ(FailureSource::Active(), nullptr);
}

TEST(InjectTest, WhoIsInstalledDecidesUntilTheScopeEnds) {
  Recording outer, inner;
  inner.fails = false;
  {
    const ScopedFailures first(&outer);
    EXPECT_TRUE(MayFail(kSite, 7));
    {
      const ScopedFailures second(&inner);
      EXPECT_FALSE(MayFail(kSite, 8));
    }
    EXPECT_TRUE(MayFail(kSite));
  }
  EXPECT_FALSE(MayFail(kSite));
  EXPECT_THAT(outer.asked, ElementsAre("test.site@7", "test.site@0"));
  EXPECT_THAT(inner.asked, ElementsAre("test.site@8"));
}

TEST(InjectTest, ATrylockFailsOnlyIfItCouldHaveSucceeded) {
  Lock lock(kPageLock);
  Recording source;
  {
    const ScopedFailures installed(&source);
    EXPECT_FALSE(lock.TryAcquire());
    EXPECT_FALSE(lock.locked());
    lock.Acquire();  // no trylock
    EXPECT_FALSE(lock.TryAcquire());
  }
  lock.Release();
  EXPECT_THAT(source.asked, ElementsAre("page.lock.try@0"));
}

TEST(InjectTest, ATrylockOfAClassWithoutASiteIsNotAsked) {
  constexpr LockClass kClass("test.lock", {"a"}, {"b"}, 1);
  RwLock lock(kClass);
  Recording source;
  const ScopedFailures installed(&source);
  EXPECT_TRUE(lock.WriteTryAcquire());
  lock.WriteRelease();
  EXPECT_TRUE(source.asked.empty());
}

TEST(InjectTest, EveryPurposeOfAllocationHasASiteOfItsName) {
  for (int i = 0; i < kAllocPurposes; ++i) {
    const auto purpose = AllocPurpose(i);
    EXPECT_EQ(SiteOf(purpose).name, std::string("alloc.") + ToString(purpose));
  }
  EXPECT_STREQ(ToString(AllocPurpose::kHugeTlb), "hugetlb");
}

// RunFirst(): what others do at a point.

constexpr PointSite kHere{"test.here"};
using Log = std::vector<std::string>;

TEST(RunFirstTest, TheOtherRunsToItsEndThenTheFirstGoesOn) {
  Log log;
  Scheduler s(MakeRoundRobin());
  s.Spawn("a", [&] {
    log.push_back("a0");
    Actor& other = s.Spawn("other", [&] {
      log.push_back("o0");
      s.Point(kHere);
      log.push_back("o1");
    });
    s.RunFirst(other);
    log.push_back("a1");
  });
  s.Spawn("b", [&] { log.push_back("b"); });
  EXPECT_EQ(s.Run(), Scheduler::End::kAllDone);
  EXPECT_THAT(log, ElementsAre("a0", "o0", "o1", "a1", "b"));
}

TEST(RunFirstTest, WhenTheOtherWaitsTheFirstGoesOn) {
  Log log;
  Scheduler s(MakeRoundRobin());
  Lock lock(kPageLock);
  s.Spawn("a", [&] {
    lock.Acquire();
    Actor& other = s.Spawn("other", [&] {
      log.push_back("o0");
      lock.Acquire();
      log.push_back("o1");
      lock.Release();
    });
    s.RunFirst(other);
    log.push_back("a1");
    lock.Release();
  });
  s.Spawn("b", [&] { log.push_back("b"); });
  EXPECT_EQ(s.Run(), Scheduler::End::kAllDone);
  EXPECT_THAT(log, ElementsAre("o0", "a1", "b", "o1"));
}

TEST(RunFirstTest, OneWithinTheOtherReturnsToIt) {
  Log log;
  Scheduler s(MakeRoundRobin());
  s.Spawn("a", [&] {
    Actor& outer = s.Spawn("outer", [&] {
      Actor& inner = s.Spawn("inner", [&] { log.push_back("inner"); });
      s.RunFirst(inner);
      log.push_back("outer");
    });
    s.RunFirst(outer);
    log.push_back("a");
  });
  EXPECT_EQ(s.Run(), Scheduler::End::kAllDone);
  EXPECT_THAT(log, ElementsAre("inner", "outer", "a"));
}

TEST(RunFirstTest, GivingWayEndsItsTurn) {
  Log log;
  Scheduler s(MakeRoundRobin());
  s.Spawn("a", [&] {
    Actor& other = s.Spawn("other", [&] {
      s.Yield(kHere);
      log.push_back("other");
    });
    s.RunFirst(other);
    log.push_back("a");
  });
  s.Spawn("b", [&] { log.push_back("b"); });
  EXPECT_EQ(s.Run(), Scheduler::End::kAllDone);
  EXPECT_EQ(log.size(), 3u);
  EXPECT_EQ(log.front(), "a");
}

}  // namespace
}  // namespace faultline::mm
