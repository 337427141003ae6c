// Covers: guest_mm/gup/gup_fast.cc

#include <vector>

#include "guest_mm/sync/scheduler.h"
#include "tests/guest_mm/gup/gup_fixture.h"
#include "tests/guest_mm/testing/switch_at.h"

namespace faultline::mm {
namespace {

class GupFastTest : public GupTest {
 protected:
  ErrnoOr<uint64_t> Fast(uint64_t page, uint64_t n, const GupFlags& flags) {
    std::vector<Pfn> pages;
    const ErrnoOr<uint64_t> got =
        GetUserPagesFast(mm_, At(page), n, flags, &pages);
    Keep(pages, flags.grab);
    return got;
  }
  // Runs both, the first until it comes to `site`, then the second to its end.
  template <typename First, typename Second>
  void RunAt(const PointSite& site, First first, Second second) {
    Scheduler scheduler(SwitchAt::Make(site));
    scheduler.Spawn("first", first);
    scheduler.Spawn("second", second);
    ASSERT_EQ(scheduler.Run(), Scheduler::End::kAllDone);
    machine_.Validate();
  }
};

TEST_F(GupFastTest, WhatIsThereNeedsNoLock) {
  Map(0, 3);
  Fill(0, 3);
  WriteGuard guard(mm_.mmap_lock());  // would hang
  EXPECT_EQ(*Fast(0, 3, kPinToWrite), 3u);
  EXPECT_EQ(Held(2), EntryOf(2).pfn());
}

TEST_F(GupFastTest, TheRestIsFaultedIn) {
  Map(0, 3);
  Fill(0, 1);
  EXPECT_EQ(*Fast(0, 4, kPinToWrite), 3u);
  EXPECT_THAT(Fast(3, 1, kPinToWrite), FailsWith(Errno::kEFAULT));
}

TEST_F(GupFastTest, ReadOnlyPinUnsharesAsTheSlowWayDoes) {
  Map(0, 1);
  Fill(0, 1);
  const Pfn original = EntryOf(0).pfn();
  Fork();
  ASSERT_THAT(Fast(0, 1, kPinToRead), Succeeds());
  EXPECT_NE(Held(0), original);
}

TEST_F(GupFastTest, RangeOutsideUserSpaceIsEFAULT) {
  const GuestAddr end = machine_.system().arch().layout().user_end;
  std::vector<Pfn> pages;
  EXPECT_THAT(GetUserPagesFast(mm_, end, 1, kPinToRead, &pages),
              FailsWith(Errno::kEFAULT));
  EXPECT_THAT(GetUserPagesFast(mm_, GuestAddr(~uint64_t{0} - 5000), ~0ull >> 1,
                               kPinToRead, &pages),
              FailsWith(Errno::kEFAULT));
}

TEST_F(GupFastTest, PageThatGoesBetweenLookAndHoldIsNotTaken) {
  for (const PointSite* site : {&kGupFastSeenPoint, &kGupFastHeldPoint}) {
    Map(0, 1);
    Fill(0, 1);
    RunAt(
        *site,
        [&] {
          EXPECT_THAT(Fast(0, 1, kPinToWrite), FailsWith(Errno::kEFAULT));
        },
        [&] { ASSERT_THAT(Munmap(mm_, At(0), kPage), Succeeds()); });
  }
}

// Whatever the moment of the fork, parent and device see the same page.
TEST_F(GupFastTest, ForkAtAnyPointLeavesThePinnedPageToTheParent) {
  for (const PointSite* site : {&kGupFastPoint, &kGupFastSeenPoint,
                                &kGupFastHeldPoint, &kGupFastDonePoint}) {
    SCOPED_TRACE(site->name);
    Map(0, 1);
    Fill(0, 1);
    AddressSpace* child = nullptr;
    RunAt(
        *site, [&] { ASSERT_THAT(Fast(0, 1, kPinToWrite), Succeeds()); },
        [&] { child = &Fork(); });
    ASSERT_TRUE(Store(0, 50));
    EXPECT_EQ(EntryOf(0).pfn(), Held(0));
    EXPECT_EQ(machine_.Load(*child, At(0)), 1);
    ReleaseAll();
    machine_.Drop(*child);
  }
}

// The window that write_protect_seq closes: the fork has passed this page when
// the pin comes, and is still at work.
TEST_F(GupFastTest, ForkUnderWayMakesItTakeTheLock) {
  Map(0, 1);
  Fill(0, 1);
  AddressSpace* child = nullptr;
  RunAt(
      kPageTableLock.locked, [&] { child = &Fork(); },
      [&] { ASSERT_THAT(Fast(0, 1, kPinToWrite), Succeeds()); });
  ASSERT_TRUE(Store(0, 50));
  EXPECT_EQ(EntryOf(0).pfn(), Held(0));
  EXPECT_EQ(machine_.Load(*child, At(0)), 1);
}

TEST_F(GupFastTest, RandomSchedulesOfForkStoreAndPinAgree) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(seed);
    Map(0, 3);
    Fill(0, 3);
    AddressSpace* child = nullptr;
    Scheduler scheduler(MakeRandom(seed));
    scheduler.Spawn("fork", [&] { child = &Fork(); });
    scheduler.Spawn("pin", [&] {
      ASSERT_EQ(*Fast(0, 3, seed % 2 == 0 ? kPinToWrite : kPinToRead), 3u);
    });
    scheduler.Spawn("store", [&] { ASSERT_TRUE(Store(1, 2)); });
    ASSERT_EQ(scheduler.Run(), Scheduler::End::kAllDone);
    machine_.Validate();
    for (uint64_t i = 0; i < 3; ++i) {
      ASSERT_TRUE(Store(i, uint8_t(60 + i)));
      EXPECT_EQ(EntryOf(i).pfn(), Held(i));
      EXPECT_EQ(machine_.Load(*child, At(i)), int(i + 1));
    }
    ReleaseAll();
    machine_.Drop(*child);
  }
}

}  // namespace
}  // namespace faultline::mm
