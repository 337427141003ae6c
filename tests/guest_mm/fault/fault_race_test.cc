// Two actors fault, fork and zap at once under many schedules: the windows
// between looking, allocating and locking.

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "arch_arm64/arch_ops.h"
#include "arch_x86/arch_ops.h"
#include "guest_mm/sync/scheduler.h"
#include "tests/guest_mm/testing/test_machine.h"

namespace faultline::mm {
namespace {

constexpr uint64_t kPage = 0x1000;
constexpr uint64_t kBase = 0x10000000;

GuestAddr At(uint64_t page) { return GuestAddr(kBase + page * kPage); }

class FaultRaceTest : public testing::TestWithParam<const ArchOps*> {
 protected:
  // Runs `body(machine, scheduler)` to the end under 100 schedules.
  template <typename Body>
  void UnderManySchedules(Body body) {
    for (uint64_t seed = 0; seed < 100; ++seed) {
      SCOPED_TRACE(seed);
      TestMachine m(*GetParam());
      Scheduler scheduler(MakeRandom(seed));
      body(m, scheduler);
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Archs, FaultRaceTest,
                         testing::Values(&x86::Ops(), &arm64::Ops()),
                         [](const auto& p) {
                           return std::string(p.param->name());
                         });

TEST_P(FaultRaceTest, TwoFirstTouchesOfOnePageAgreeOnOneFrame) {
  UnderManySchedules([](TestMachine& m, Scheduler& scheduler) {
    AddressSpace& mm = m.NewSpace();
    m.Map(mm, kBase, 4 * kPage, Prot::RW());
    scheduler.Spawn("a", [&] { m.Store(mm, At(0), 1); });
    scheduler.Spawn("b", [&] { m.Store(mm, At(0) + 1, 2); });
    scheduler.Spawn("c", [&] { m.Load(mm, At(0)); });
    ASSERT_EQ(scheduler.Run(), Scheduler::End::kAllDone);
    ASSERT_EQ(m.Load(mm, At(0)), 1);
    ASSERT_EQ(m.Load(mm, At(0) + 1), 2);
    ASSERT_EQ(mm.rss.anon, PageCount(1));
  });
}

TEST_P(FaultRaceTest, CowOfBothSidesAtOnceLosesNeitherStore) {
  UnderManySchedules([](TestMachine& m, Scheduler& scheduler) {
    AddressSpace& parent = m.NewSpace();
    m.Map(parent, kBase, kPage, Prot::RW());
    m.Store(parent, At(0) + 9, 9);
    AddressSpace& child = *m.Fork(parent);
    scheduler.Spawn("parent", [&] { m.Store(parent, At(0), 1); });
    scheduler.Spawn("parent2", [&] { m.Store(parent, At(0) + 1, 2); });
    scheduler.Spawn("child", [&] { m.Store(child, At(0), 3); });
    ASSERT_EQ(scheduler.Run(), Scheduler::End::kAllDone);
    ASSERT_EQ(m.Load(parent, At(0)), 1);
    ASSERT_EQ(m.Load(parent, At(0) + 1), 2);
    ASSERT_EQ(m.Load(parent, At(0) + 9), 9);
    ASSERT_EQ(m.Load(child, At(0)), 3);
    ASSERT_EQ(m.Load(child, At(0) + 1), 0);
    ASSERT_EQ(m.Load(child, At(0) + 9), 9);
  });
}

TEST_P(FaultRaceTest, TruncationAgainstFaultsLeavesNoPageBeyondTheEnd) {
  UnderManySchedules([](TestMachine& m, Scheduler& scheduler) {
    AddressSpace& mm = m.NewSpace();
    const auto file = m.NewFile(Mapping::Kind::kShmem, "first page");
    file->mapping().Resize(16384);  // the rest is still to be made
    m.Map(mm, kBase, 4 * kPage, Prot::RW(), VmaFlag::kShared, file);
    AddressSpace& copy = m.NewSpace();
    m.Map(copy, kBase, 4 * kPage, Prot::RW(), {}, file);
    scheduler.Spawn("read", [&] { m.Touch(mm, At(2), Access::kRead); });
    scheduler.Spawn("write", [&] { m.Touch(mm, At(3), Access::kWrite); });
    scheduler.Spawn("cow", [&] { m.Touch(copy, At(3), Access::kWrite); });
    scheduler.Spawn("truncate", [&] { file->mapping().Resize(4096); });
    ASSERT_EQ(scheduler.Run(), Scheduler::End::kAllDone);
    ASSERT_EQ(m.Touch(mm, At(2), Access::kRead),
              PageFaultOutcome::Kind::kBusError);
    ASSERT_EQ(m.Touch(copy, At(3), Access::kRead),
              PageFaultOutcome::Kind::kBusError);
    ASSERT_EQ(file->mapping().cached(), PageCount(1));
  });
}

TEST_P(FaultRaceTest, DontneedAgainstStoresKeepsCountsWhole) {
  UnderManySchedules([](TestMachine& m, Scheduler& scheduler) {
    AddressSpace& mm = m.NewSpace();
    Vma& vma = m.Map(mm, kBase, 4 * kPage, Prot::RW());
    m.Store(mm, At(0), 1);
    scheduler.Spawn("zap", [&] {
      ReadGuard guard(mm.mmap_lock());
      ZapRange(mm, vma, vma.range);
    });
    scheduler.Spawn("store", [&] {
      for (uint64_t i = 0; i < 4; ++i) {
        m.Store(mm, At(i), 2);
      }
    });
    ASSERT_EQ(scheduler.Run(), Scheduler::End::kAllDone);
    m.Validate();
  });
}

// Calls `check` at every schedule point.
class AtEveryPoint : public ScheduleObserver {
 public:
  explicit AtEveryPoint(std::function<void(const PointSite&)> check)
      : check_(std::move(check)) {}
  void OnSwitch(const Actor*, const Actor&, const PointSite*) override {}
  void OnPoint(const Actor&, const PointSite& at) override { check_(at); }

 private:
  std::function<void(const PointSite&)> check_;
};

TEST_P(FaultRaceTest, NoTranslationEverLeadsToAFreeFrame) {
  UnderManySchedules([](TestMachine& m, Scheduler& scheduler) {
    AddressSpace& mm = m.NewSpace();
    const auto file = m.NewFile(Mapping::Kind::kShmem, std::string(16384, 'a'));
    Vma& from = m.Map(mm, kBase, 4 * kPage, Prot::RW(), VmaFlag::kShared, file);
    Vma& to = m.Map(mm, kBase + 1000 * kPage, 4 * kPage, Prot::RW(),
                    VmaFlag::kShared, file);
    for (uint64_t i = 0; i < 4; ++i) {
      m.Store(mm, At(i), 1);
    }
    AtEveryPoint observer([&](const PointSite& at) {
      ASSERT_TRUE(m.tlb().NoneLeadsToAFreeFrame(m.phys())) << at.name;
    });
    scheduler.set_observer(&observer, /*wants_points=*/true);
    scheduler.Spawn("move", [&] {
      WriteGuard guard(mm.mmap_lock());
      MovePageTables(mm, from, from.range, to.range.start);
    });
    scheduler.Spawn("truncate", [&] { file->mapping().Resize(4096); });
    ASSERT_EQ(scheduler.Run(), Scheduler::End::kAllDone);
  });
}

// Once its lock is free, a dirty page's write-back may begin: no store through
// an old translation may follow.
TEST_P(FaultRaceTest, ADirtyFilePageIsFlushedBeforeItsTableIsUnlocked) {
  TestMachine m(*GetParam());
  AddressSpace& mm = m.NewSpace();
  const auto file = m.NewFile(Mapping::Kind::kShmem, std::string(8192, 'a'));
  Vma& vma = m.Map(mm, kBase, 2 * kPage, Prot::RW(), VmaFlag::kShared, file);
  m.Store(mm, At(0), 1);
  m.Store(mm, At(1), 1);
  int unlocks = 0;
  AtEveryPoint observer([&](const PointSite& at) {
    if (std::string_view(at.name) == kPageTableLock.unlocked.name) {
      ++unlocks;
      EXPECT_TRUE(m.tlb().IsTrueOf(mm));
    }
  });
  Scheduler scheduler(MakeRoundRobin());
  scheduler.set_observer(&observer, /*wants_points=*/true);
  scheduler.Spawn("zap", [&] {
    ReadGuard guard(mm.mmap_lock());
    ZapRange(mm, vma, vma.range);
  });
  ASSERT_EQ(scheduler.Run(), Scheduler::End::kAllDone);
  EXPECT_GT(unlocks, 0);
}

TEST_P(FaultRaceTest, AKilledTaskDoesNotWaitForTheLock) {
  TestMachine m(*GetParam());
  AddressSpace& mm = m.NewSpace();
  m.Map(mm, kBase, kPage, Prot::RW());
  Scheduler scheduler(MakeRoundRobin());
  WaitQueue hold("test.hold");
  PageFaultOutcome::Kind user{}, kernel{};
  scheduler.Spawn("holder", [&] {
    WriteGuard guard(mm.mmap_lock());
    (void)Scheduler::Active()->Wait(hold, Interruptible::kNo);
  });
  Actor& victim = scheduler.Spawn("victim", [&] {
    user = m.Touch(mm, At(0), Access::kRead);
    kernel = m.Touch(mm, At(0), Access::kRead, Mode::kKernel);
    hold.WakeAll();
  });
  scheduler.Spawn("killer", [&] {
    Scheduler::Active()->Interrupt(victim, Interruption::kFatal);
  });
  ASSERT_EQ(scheduler.Run(), Scheduler::End::kAllDone);
  EXPECT_EQ(user, PageFaultOutcome::Kind::kSignal);
  EXPECT_EQ(kernel, PageFaultOutcome::Kind::kKernelFixup);
}

}  // namespace
}  // namespace faultline::mm
