#include "guest_mm/reclaim/oom.h"

#include "guest_mm/calls/advice.h"
#include "tests/guest_mm/testing/swap_fixture.h"

namespace faultline::mm {
namespace {

class OomTest : public SwapTest {
 protected:
  OomTest() {
    Map(0, 8);
    Fill(0, 8);
  }
};

TEST_F(OomTest, BadnessIsWhatTheEndWouldFreeMovedByTheAdjustment) {
  // Eight pages and three tables: pte, pmd, pud.
  EXPECT_EQ(OomBadness(mm_, 0), 11);
  SwapOutPage(3);
  EXPECT_EQ(OomBadness(mm_, 0), 11);
  const int64_t thousandth =
      int64_t(OomTotalPages(machine_.system()).value()) / 1000;
  EXPECT_EQ(thousandth, 4);  // 16 MiB and 255 slots
  EXPECT_EQ(OomBadness(mm_, 100), 11 + 400);
  EXPECT_EQ(OomBadness(mm_, -999), 11 - 999 * 4);
  EXPECT_EQ(OomBadness(mm_, -1000), std::nullopt);
}

TEST_F(OomTest, ReapingTakesPrivateMemoryForGood) {
  Map(16, 2, kRW, kAnonShared);
  Fill(16, 2);
  SwapOutPage(3);
  ASSERT_TRUE(OomReap(mm_));
  machine_.ValidateStep();
  EXPECT_EQ(mm_.rss.anon, PageCount(0));
  EXPECT_EQ(mm_.rss.swap, PageCount(0));
  EXPECT_EQ(mm_.rss.shmem, PageCount(2));
  EXPECT_EQ(Used(), 0u);
  EXPECT_EQ(machine_.Touch(mm_, At(0), Access::kRead),
            PageFaultOutcome::Kind::kBusError);
  EXPECT_EQ(OomBadness(mm_, 0), std::nullopt);
}

TEST_F(OomTest, ReapingDoesNotWaitForTheLock) {
  mm_.mmap_lock().WriteAcquire();
  EXPECT_FALSE(OomReap(mm_));
  mm_.mmap_lock().WriteRelease();
  EXPECT_FALSE(mm_.unstable);
}

// Frees some memory each time it is asked, until there is none.
class FakeOomHandler : public OomHandler {
 public:
  FakeOomHandler(AddressSpace& victim, int kills)
      : victim_(victim), kills_(kills) {}
  bool OutOfMemory(const FailedAllocation& what) override {
    asked.push_back(what.purpose);
    if (kills_ == 0) {
      return false;
    }
    --kills_;
    return OomReap(victim_);
  }
  std::vector<AllocPurpose> asked;

 private:
  AddressSpace& victim_;
  int kills_;
};

TEST_F(OomTest, AllocationTriesAgainAfterAKillAndThenUsesTheReserve) {
  TestMachine small(x86::Ops(), 2 << 20);
  AddressSpace& victim = small.NewSpace();
  AddressSpace& mm = small.NewSpace();
  small.Map(victim, kBase, 100 * kPage, Prot::RW());
  small.Map(mm, kBase, 600 * kPage, Prot::RW());
  for (uint64_t i = 0; i < 100; ++i) {
    ASSERT_TRUE(small.Store(victim, At(i), 1));
  }
  FakeOomHandler handler(victim, 1);
  small.system().reclaim().set_oom_handler(&handler);
  uint64_t stored = 0;
  while (small.Store(mm, At(stored), 1)) {
    ++stored;
  }
  EXPECT_GT(stored, 400u);
  EXPECT_EQ(small.phys().free(), PageCount(0));
  EXPECT_THAT(handler.asked, testing::Contains(AllocPurpose::kAnon));
  EXPECT_EQ(victim.rss.anon, PageCount(0));
  EXPECT_EQ(small.phys().last_failure().purpose, AllocPurpose::kAnon);
  // The kernel's own objects are not worth a life.
  const size_t asked = handler.asked.size();
  EXPECT_FALSE(small.phys().Allocate(AllocPurpose::kKernel).ok());
  EXPECT_EQ(handler.asked.size(), asked);
  small.system().reclaim().set_oom_handler(nullptr);
}

}  // namespace
}  // namespace faultline::mm
