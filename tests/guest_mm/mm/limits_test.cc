#include "guest_mm/mm/limits.h"

#include "tests/guest_mm/testing/calls_fixture.h"

namespace faultline::mm {
namespace {

class LimitsTest : public CallsTest {
 protected:
  VmSysctl& sysctl() { return machine_.system().sysctl(); }
};

TEST_F(LimitsTest, AddressSpaceLimitIsRoundedDownToPages) {
  mm_.limits.as = 3 * kPage - 1;
  EXPECT_TRUE(MayExpandVm(mm_, {}, PageCount(2)));
  EXPECT_FALSE(MayExpandVm(mm_, {}, PageCount(3)));
}

TEST_F(LimitsTest, StacksAndSharedMemoryAreNoData) {
  mm_.limits.data = 0;
  EXPECT_FALSE(MayExpandVm(mm_, VmaFlag::kWrite, PageCount(1)));
  EXPECT_TRUE(
      MayExpandVm(mm_, VmaFlag::kWrite | VmaFlag::kGrowsDown, PageCount(1)));
  EXPECT_TRUE(
      MayExpandVm(mm_, VmaFlag::kWrite | VmaFlag::kShared, PageCount(1)));
  EXPECT_TRUE(MayExpandVm(mm_, VmaFlag::kRead, PageCount(1)));
}

TEST_F(LimitsTest, GuessComparesEachRequestWithAllMemory) {
  const auto all = int64_t(TotalRam(machine_.system()).value());
  machine_.system().committed() += PageCount(uint64_t(all));
  EXPECT_TRUE(EnoughMemory(mm_, all));
  EXPECT_FALSE(EnoughMemory(mm_, all + 1));
  EXPECT_TRUE(EnoughMemory(mm_, -1));
  machine_.system().committed() -= PageCount(uint64_t(all));
}

TEST_F(LimitsTest, AlwaysAllowsEverything) {
  sysctl().overcommit_memory = 1;
  EXPECT_TRUE(EnoughMemory(mm_, int64_t{1} << 40));
}

TEST_F(LimitsTest, NeverStopsAtTheRatio) {
  sysctl().overcommit_memory = 2;
  sysctl().overcommit_ratio = 10;
  const PageCount limit = CommitLimit(machine_.system());
  EXPECT_EQ(limit.value(), TotalRam(machine_.system()).value() / 10);
  EXPECT_TRUE(EnoughMemory(mm_, int64_t(limit.value()) - 1));
  EXPECT_FALSE(EnoughMemory(mm_, int64_t(limit.value())));
}

TEST_F(LimitsTest, KilobytesTakeTheRatiosPlace) {
  sysctl().overcommit_kbytes = 40;
  EXPECT_EQ(CommitLimit(machine_.system()), PageCount(10));
}

TEST_F(LimitsTest, SwapCountsAsMemory) {
  TestMachine with(x86::Ops(), 16 << 20, 101 * kPage);
  AddressSpace& mm = with.NewSpace();
  const uint64_t ram = TotalRam(with.system()).value();
  EXPECT_EQ(CommitLimit(with.system()).value(), ram / 2 + 100);
  EXPECT_TRUE(EnoughMemory(mm, int64_t(ram + 100)));
  EXPECT_FALSE(EnoughMemory(mm, int64_t(ram + 101)));
}

TEST_F(LimitsTest, MemlockLimitBindsTheUnprivilegedOnly) {
  mm_.limits.memlock = kPage;
  EXPECT_TRUE(MayLock(mm_, VmaFlag::kLocked, 2 * kPage));
  mm_.limits.can_exceed_memlock = false;
  EXPECT_FALSE(MayLock(mm_, VmaFlag::kLocked, 2 * kPage));
  EXPECT_TRUE(MayLock(mm_, VmaFlag::kLocked, kPage));
  EXPECT_TRUE(MayLock(mm_, {}, 2 * kPage));
  EXPECT_TRUE(CanDoMlock(mm_));
  mm_.limits.memlock = 0;
  EXPECT_FALSE(CanDoMlock(mm_));
}

TEST_F(LimitsTest, OnlyPrivateWritableMemoryIsAccountable) {
  EXPECT_TRUE(IsAccountable(VmaFlag::kWrite | VmaFlag::kRead));
  EXPECT_FALSE(IsAccountable(VmaFlag::kRead));
  EXPECT_FALSE(IsAccountable(VmaFlag::kWrite | VmaFlag::kShared));
  EXPECT_FALSE(IsAccountable(VmaFlag::kWrite | VmaFlag::kNoReserve));
}

}  // namespace
}  // namespace faultline::mm
