// Covers: guest_mm/calls/advise_free.cc

#include "guest_mm/calls/advice.h"
#include "tests/guest_mm/testing/swap_fixture.h"

namespace faultline::mm {
namespace {

class AdviseReclaimTest : public SwapTest {
 protected:
  AdviseReclaimTest() {
    Map(0, 8);
    Fill(0, 8);
  }
  ErrnoOr<Done> Advise(uint64_t page, uint64_t pages, Advice advice) {
    const auto r = Madvise(mm_, At(page), pages * kPage, int(advice));
    machine_.ValidateStep();
    return r;
  }
};

TEST_F(AdviseReclaimTest, PageOutSendsTheRangeToSwapUsedOrNot) {
  ASSERT_THAT(Advise(1, 4, Advice::kPageOut), Succeeds());
  EXPECT_EQ(mm_.rss.anon, PageCount(4));
  EXPECT_EQ(mm_.rss.swap, PageCount(4));
  EXPECT_TRUE(Present(0));
  EXPECT_TRUE(Present(5));
  for (uint64_t i = 0; i < 8; ++i) {
    EXPECT_EQ(Load(i), int(i + 1));
  }
}

TEST_F(AdviseReclaimTest, PageOutLeavesWhatOthersMap) {
  AddressSpace& child = Fork();
  ASSERT_THAT(Advise(0, 8, Advice::kPageOut), Succeeds());
  EXPECT_EQ(mm_.rss.swap, PageCount(0));
  EXPECT_EQ(child.rss.anon, PageCount(8));
}

TEST_F(AdviseReclaimTest, PageOutOfShmemAndBeyondSwapsEnd) {
  Map(1000, 300, kRW, kAnonShared);
  Fill(1000, 300);
  ASSERT_THAT(Advise(1000, 300, Advice::kPageOut), Succeeds());
  EXPECT_EQ(Used(), kSlots);
  // As on Linux they are all unmapped before it shows.
  EXPECT_EQ(VmaAt(1000).file->mapping().cached(), PageCount(300 - kSlots));
  for (uint64_t i = 1000; i < 1300; ++i) {
    ASSERT_EQ(Load(i), int((i + 1) & 255));
  }
}

TEST_F(AdviseReclaimTest, LockedMemoryIsRefused) {
  ASSERT_THAT(Mlock(mm_, At(0), kPage, MlockOnFault::kNo), Succeeds());
  EXPECT_THAT(Advise(0, 1, Advice::kPageOut), FailsWith(Errno::kEINVAL));
  EXPECT_THAT(Advise(0, 1, Advice::kCold), FailsWith(Errno::kEINVAL));
}

TEST_F(AdviseReclaimTest, ColdPagesAreInactiveAndUnused) {
  machine_.phys().lru().Move(EntryOf(2).pfn(), Lru::kActiveAnon);
  FrameOf(2).referenced = true;
  ASSERT_THAT(Advise(2, 1, Advice::kCold), Succeeds());
  EXPECT_EQ(FrameOf(2).lru, Lru::kInactiveAnon);
  EXPECT_FALSE(EntryOf(2).young());
  EXPECT_FALSE(FrameOf(2).referenced);
  EXPECT_TRUE(Present(2));
  EXPECT_EQ(counters().pgdeactivate, 1u);
}

TEST_F(AdviseReclaimTest, FreeForgetsWhatIsInSwapAndInItsCache) {
  ASSERT_THAT(Advise(0, 3, Advice::kPageOut), Succeeds());
  EXPECT_EQ(Load(1), 2);
  EXPECT_EQ(swap().cached(), PageCount(1));
  ASSERT_THAT(Advise(0, 3, Advice::kFree), Succeeds());
  EXPECT_EQ(Used(), 0u);
  EXPECT_EQ(mm_.rss.swap, PageCount(0));
  EXPECT_EQ(Load(0), 0);
  EXPECT_EQ(Load(1), 2);  // in memory, it lasts until it is taken
  EXPECT_FALSE(FrameOf(1).swap_backed);
}

class HugeReclaimTest : public CallsTest {
 protected:
  static constexpr uint64_t kHuge = 512;
  HugeReclaimTest() : CallsTest(4 << 20) {
    machine_.system().thp().settings.enabled = ThpEnabled::kAlways;
    Map(0, kHuge);
    FL_CHECK(At(0).value() % (kHuge * kPage) == 0);
    for (uint64_t i = 0; i < kHuge; ++i) {  // a page of zeros would be shared
      FL_CHECK(machine_.Store(mm_, At(i), uint8_t(i % 255 + 1)));
    }
    FL_CHECK(machine_.FrameAt(mm_, At(0)).order > 0);
  }
  void ExpectWhole() {
    for (uint64_t i = 0; i < kHuge; ++i) {
      ASSERT_EQ(Load(i), int(i % 255 + 1));
    }
  }
};

TEST_F(HugeReclaimTest, PageOutSplitsAHugePageAndSendsAllOfIt) {
  ASSERT_THAT(Madvise(mm_, At(0), kHuge * kPage, int(Advice::kPageOut)),
              Succeeds());
  machine_.ValidateStep();
  EXPECT_EQ(mm_.rss.anon, PageCount(0));
  EXPECT_EQ(mm_.rss.swap, PageCount(kHuge));
  ExpectWhole();
}

TEST_F(HugeReclaimTest, PageOutOfAPartSendsThatPart) {
  ASSERT_THAT(Madvise(mm_, At(8), 16 * kPage, int(Advice::kPageOut)),
              Succeeds());
  machine_.ValidateStep();
  EXPECT_EQ(mm_.rss.swap, PageCount(16));
  EXPECT_TRUE(machine_.EntryAt(mm_, At(8)).swap());
  EXPECT_TRUE(machine_.EntryAt(mm_, At(23)).swap());
  EXPECT_TRUE(Present(0) && Present(7) && Present(24));
  ExpectWhole();
}

TEST_F(HugeReclaimTest, ReclaimSplitsWhatItNeeds) {
  MemoryManager& system = machine_.system();
  uint64_t freed = 0;
  for (int i = 0; i < 8 && freed < 32; ++i) {
    freed += system.reclaim().FreePages(32);
  }
  machine_.ValidateStep();
  EXPECT_GE(freed, 32u);
  EXPECT_EQ(system.thp().counters.split_page, 1u);
  EXPECT_EQ((mm_.rss.anon + mm_.rss.swap).value(), kHuge);
  ExpectWhole();
}

}  // namespace
}  // namespace faultline::mm
