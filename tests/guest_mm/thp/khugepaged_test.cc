#include "guest_mm/thp/khugepaged.h"

#include <algorithm>

#include "tests/guest_mm/testing/huge_fixture.h"

namespace faultline::mm {
namespace {

constexpr int kHugePage = 14;
constexpr int kNoHugePage = 15;

class KhugepagedTest : public HugeTest {
 protected:
  KhugepagedTest() { thp().settings.enabled = ThpEnabled::kMadvise; }

  Khugepaged& daemon() { return m_.system().khugepaged(); }
  // Base pages in `n` huge ones' place, which khugepaged may then look at.
  void MapTouchAndAdvise(AddressSpace& mm, uint64_t h, uint64_t n) {
    m_.Map(mm, Huge(h).value(), n * huge(), Prot::RW());
    for (uint64_t i = 0; i < n; ++i) {
      ASSERT_TRUE(m_.Store(mm, Huge(h + i), uint8_t(i + 1)));
    }
    ASSERT_TRUE(Madvise(mm, Huge(h), n * huge(), kHugePage).ok());
  }
};
INSTANTIATE_HUGE_TEST(KhugepagedTest);

TEST_P(KhugepagedTest, AdviceOnTouchedMemoryPutsTheSpaceOnTheList) {
  m_.Map(mm_, Huge(0).value(), huge(), Prot::RW());
  ASSERT_TRUE(Madvise(mm_, Huge(0), huge(), kHugePage).ok());
  EXPECT_FALSE(mm_.in_khugepaged) << "nothing there to collapse";
  MapTouchAndAdvise(mm_, 4, 1);
  EXPECT_TRUE(mm_.in_khugepaged);
}

TEST_P(KhugepagedTest, AFaultThatMayBeHugePutsItThereToo) {
  thp().settings.enabled = ThpEnabled::kAlways;
  m_.Map(mm_, Huge(0).value(), huge(), Prot::RW());
  ASSERT_TRUE(Store(Huge(0), 1));
  EXPECT_TRUE(mm_.in_khugepaged);
}

TEST_P(KhugepagedTest, ARoundCollapsesWhatItMay) {
  MapTouchAndAdvise(mm_, 0, 2);
  m_.Map(mm_, Huge(4).value(), huge(), Prot::RW());
  ASSERT_TRUE(Store(Huge(4), 1));
  daemon().ScanOnce();
  daemon().ScanOnce();
  EXPECT_TRUE(IsHuge(Huge(0)) && IsHuge(Huge(1)));
  EXPECT_FALSE(IsHuge(Huge(4))) << "nobody asked";
  EXPECT_EQ(daemon().pages_collapsed(), 2u);
  EXPECT_GE(daemon().full_scans(), 1u);
  EXPECT_EQ(Load(Huge(1)), 2);
}

TEST_P(KhugepagedTest, ARoundLooksAtNoMorePagesThanTold) {
  thp().khugepaged.pages_to_scan = huge_pages();
  MapTouchAndAdvise(mm_, 0, 3);
  daemon().ScanOnce();
  EXPECT_EQ(daemon().pages_collapsed(), 1u);
  daemon().ScanOnce();
  daemon().ScanOnce();
  EXPECT_EQ(daemon().pages_collapsed(), 3u);
}

TEST_P(KhugepagedTest, KnobAndAdviceForbidIt) {
  MapTouchAndAdvise(mm_, 0, 1);
  thp().settings.enabled = ThpEnabled::kNever;
  daemon().ScanOnce();
  EXPECT_EQ(daemon().full_scans(), 0u);
  thp().settings.enabled = ThpEnabled::kMadvise;
  ASSERT_TRUE(Madvise(mm_, Huge(0), huge(), kNoHugePage).ok());
  daemon().ScanOnce();
  EXPECT_EQ(daemon().pages_collapsed(), 0u);
  EXPECT_GE(daemon().full_scans(), 1u);
}

TEST_P(KhugepagedTest, AChildIsOnTheListOnceThoughItsMappingsPutItThere) {
  MapTouchAndAdvise(mm_, 0, 1);
  {
    const std::shared_ptr<AddressSpace> child = *DupMm(mm_);
    EXPECT_EQ(daemon().spaces(), 2u);
  }
  EXPECT_EQ(daemon().spaces(), 1u);
}

TEST_P(KhugepagedTest, ForkPutsTheChildOnTheListAndExitTakesItOff) {
  MapTouchAndAdvise(mm_, 0, 1);
  {
    const std::shared_ptr<AddressSpace> child = *DupMm(mm_);
    EXPECT_TRUE(child->in_khugepaged);
  }
  AddressSpace& other = m_.NewSpace();
  MapTouchAndAdvise(other, 0, 1);
  m_.Drop(mm_);
  daemon().ScanOnce();
  daemon().ScanOnce();
  EXPECT_EQ(daemon().pages_collapsed(), 1u);
  EXPECT_TRUE(IsHuge(other, Huge(0)));
}

TEST_P(KhugepagedTest, ASpaceWhoseLockIsTakenIsLeftForTheNextRound) {
  MapTouchAndAdvise(mm_, 0, 1);
  {
    WriteGuard guard(mm_.mmap_lock());
    daemon().ScanOnce();
    EXPECT_EQ(daemon().pages_collapsed(), 0u);
  }
  daemon().ScanOnce();
  EXPECT_EQ(daemon().pages_collapsed(), 1u);
}

TEST_P(KhugepagedTest, AsAnActorItSleepsBetweenRoundsAndKeepsNoRunAlive) {
  thp().khugepaged.scan_sleep_ms = 10;
  Scheduler scheduler(MakeRoundRobin());
  uint64_t after_a_second = 0;
  scheduler.Spawn("program", [&] {
    MapTouchAndAdvise(mm_, 0, 1);
    scheduler.Sleep(scheduler.now() + 1'000'000'000, Interruptible::kNo);
    after_a_second = daemon().full_scans();
    EXPECT_TRUE(IsHuge(Huge(0)));
  });
  EXPECT_EQ(scheduler.Run(), Scheduler::End::kAllDone);
  EXPECT_NEAR(double(after_a_second), 100, 5);
  EXPECT_LT(scheduler.now().ns(), 1'100'000'000u);
}

// Nothing is held in a sleep that a signal may end: checks may be made then.
TEST_P(KhugepagedTest, BetweenRoundsAndWithoutWorkItSleepsInterruptibly) {
  Scheduler scheduler(MakeRoundRobin());
  const auto expect_asleep = [&](const char* when) {
    SCOPED_TRACE(when);
    const auto& actors = scheduler.actors();
    const auto it = std::find_if(
        actors.begin(), actors.end(),
        [](const auto& actor) { return actor->name() == "khugepaged"; });
    ASSERT_NE(it, actors.end());
    EXPECT_EQ((*it)->state(), Actor::State::kWaiting);
    EXPECT_EQ((*it)->wait_mode(), Interruptible::kYes);
  };
  scheduler.Spawn("program", [&] {
    MapTouchAndAdvise(mm_, 0, 1);
    scheduler.Sleep(scheduler.now() + 1'000'000, Interruptible::kNo);
    expect_asleep("between two rounds");
    m_.Drop(mm_);
    scheduler.Sleep(scheduler.now() + 60'000'000'000, Interruptible::kNo);
    expect_asleep("without work");
  });
  EXPECT_EQ(scheduler.Run(), Scheduler::End::kAllDone);
}

TEST_P(KhugepagedTest, APlaceThatIsExitingWhileItIsScannedIsLetGo) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    SCOPED_TRACE(seed);
    TestMachine m(*GetParam(), 16 << 20);
    m.system().thp().settings.enabled = ThpEnabled::kMadvise;
    Scheduler scheduler(MakeRandom(seed));
    scheduler.Spawn("program", [&] {
      AddressSpace& mm = m.NewSpace();
      m.Map(mm, kBase, huge(), Prot::RW());
      m.Store(mm, Huge(0), 1);
      ASSERT_TRUE(Madvise(mm, Huge(0), huge(), kHugePage).ok());
      for (uint64_t i = 0; i < seed; ++i) {
        Scheduler::PointIfActive(kPageAllocPoint);
      }
      m.Drop(mm);
    });
    ASSERT_EQ(scheduler.Run(), Scheduler::End::kAllDone);
    m.Validate();
  }
}

}  // namespace
}  // namespace faultline::mm
