#include "guest_mm/hugetlb/huge_page_error.h"

#include "guest_mm/calls/memory_error.h"
#include "guest_mm/gup/gup.h"
#include "guest_mm/rmap/pin.h"
#include "tests/guest_mm/testing/hugetlb_fixture.h"

namespace faultline::mm {
namespace {

class HugePageErrorTest : public HugetlbTest {
 protected:
  // A bad frame is gone for good, and with it a block of the pool's size.
  HugePageErrorTest() : HugetlbTest(4, 512 << 20) {}

  uint64_t SmallPage() { return m_.system().page_shift().bytes(); }
  GuestRange PageOf(uint64_t huge, uint64_t page) {
    return GuestRange::At(At(huge) + page * SmallPage(), SmallPage());
  }
  Pfn HeadAt(uint64_t huge) {
    return mm_.page_table()
        .Get(mm_.page_table().Find(At(huge), pool().level()))
        .pfn();
  }
  PageFaultOutcome::Kind Read(uint64_t huge) {
    return m_.Touch(mm_, At(huge), Access::kRead);
  }
};

INSTANTIATE_HUGETLB_TEST(HugePageErrorTest);

TEST_P(HugePageErrorTest, AllOfThePageIsLostAndItLeavesThePool) {
  Map(0, 2);
  ASSERT_TRUE(m_.Store(mm_, At(0), 1));
  ASSERT_TRUE(m_.Store(mm_, At(1), 2));
  const Pfn head = HeadAt(0);
  int lsb = 0;
  ASSERT_TRUE(InjectMemoryErrors(mm_, PageOf(0, 5),
                                 [&](AddressSpace&, GuestAddr a, int l) {
                                   EXPECT_EQ(a, PageOf(0, 5).start);
                                   lsb = l;
                                 })
                  .ok());
  EXPECT_EQ(lsb, 21);
  EXPECT_EQ(Read(0), PageFaultOutcome::Kind::kHwPoison);
  EXPECT_EQ(m_.Load(mm_, At(1)), 2);
  EXPECT_EQ(pool().total(), 3u);
  EXPECT_TRUE(m_.phys().frame(head + 5).hw_poisoned);
  EXPECT_EQ(m_.phys().frame(head + 4).use, FrameUse::kFree);
}

TEST_P(HugePageErrorTest, SoftOfflineMovesItWithinThePool) {
  Map(0, 1);
  ASSERT_TRUE(m_.Store(mm_, At(0) + 7, 9));
  const Pfn head = HeadAt(0);
  ASSERT_TRUE(SoftOfflinePages(mm_, PageOf(0, 1)).ok());
  m_.ValidateStep();
  EXPECT_NE(HeadAt(0), head);
  EXPECT_EQ(m_.Load(mm_, At(0) + 7), 9);
  EXPECT_EQ(pool().total(), 3u);
  EXPECT_EQ(m_.phys().frame(head + 1).use, FrameUse::kKernel);
}

TEST_P(HugePageErrorTest, SoftOfflineMovesAFilesPageForAllWhoMapIt) {
  const auto file = std::make_shared<TestHugetlbFile>(m_.system(), kHuge);
  Map(0, 1, kMapShared, file);
  Map(1, 1, kMapShared, file);
  ASSERT_TRUE(m_.Store(mm_, At(0), 3));
  ASSERT_EQ(m_.Load(mm_, At(1)), 3);
  ASSERT_TRUE(SoftOfflinePages(mm_, PageOf(0, 0)).ok());
  EXPECT_EQ(HeadAt(0), HeadAt(1));
  EXPECT_EQ(file->hugetlb()->Find(0), HeadAt(0));
  ASSERT_TRUE(m_.Store(mm_, At(1), 4));
  EXPECT_EQ(m_.Load(mm_, At(0)), 4);
}

TEST_P(HugePageErrorTest, AHeldPageStaysWhereItIs) {
  Map(0, 1);
  ASSERT_TRUE(m_.Store(mm_, At(0), 3));
  const Pfn head = HeadAt(0);
  m_.phys().Get(head);
  EXPECT_EQ(SoftOfflinePages(mm_, PageOf(0, 0)).error(), Errno::kEBUSY);
  m_.phys().Put(head);
  EXPECT_EQ(HeadAt(0), head);
}

TEST_P(HugePageErrorTest, AForkMeanwhileLosesNothing) {
  for (uint64_t seed = 0; seed < 150; ++seed) {
    SCOPED_TRACE(seed);
    Map(0, 1);
    ASSERT_TRUE(m_.Store(mm_, At(0), 1));
    AddressSpace* child = nullptr;
    {
      Scheduler scheduler(MakeRandom(seed));
      scheduler.Spawn("offline",
                      [&] { (void)SoftOfflinePages(mm_, PageOf(0, 0)); });
      scheduler.Spawn("fork", [&] { child = &m_.Adopt(*DupMm(mm_)); });
      ASSERT_EQ(scheduler.Run(), Scheduler::End::kAllDone);
    }
    ASSERT_EQ(m_.Load(*child, At(0)), 1);
    ASSERT_TRUE(m_.Store(mm_, At(0), 2));
    ASSERT_EQ(m_.Load(*child, At(0)), 1);
    m_.Drop(*child);
    ASSERT_TRUE(Munmap(mm_, At(0), kHuge).ok());
    pool().SetPersistent(4);  // one has left it
  }
}

// Whatever comes by while it moves: nothing is lost, and who has pinned it sees
// what is stored from then on.
TEST_P(HugePageErrorTest, SoftOfflineRacesWithThoseWhoUseThePage) {
  int moved = 0;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE(seed);
    Map(0, 1);
    ASSERT_TRUE(m_.Store(mm_, At(0), 1));
    const Pfn head = HeadAt(0);
    AddressSpace* child = nullptr;
    std::vector<Pfn> pinned;
    {
      Scheduler scheduler(MakeRandom(seed));
      scheduler.Spawn("offline",
                      [&] { (void)SoftOfflinePages(mm_, PageOf(0, 0)); });
      scheduler.Spawn("load", [&] { EXPECT_EQ(m_.Load(mm_, At(0)), 1); });
      scheduler.Spawn("fork", [&] { child = &m_.Adopt(*DupMm(mm_)); });
      scheduler.Spawn("protect", [&] {
        (void)Mprotect(mm_, At(0), kHuge, 1);
        (void)Mprotect(mm_, At(0), kHuge, 3);
      });
      if (seed % 2 == 0) {
        scheduler.Spawn("pin", [&] {
          const GupFlags flags = {.grab = Grab::kPin};
          (void)GetUserPagesFast(mm_, At(0), 1, flags, &pinned);
        });
      }
      ASSERT_EQ(scheduler.Run(), Scheduler::End::kAllDone);
    }
    m_.Validate();
    moved += HeadAt(0) != head ? 1 : 0;
    ASSERT_EQ(m_.Load(*child, At(0)), 1);
    ASSERT_TRUE(m_.Store(mm_, At(0), 2));
    for (const Pfn pin : pinned) {
      EXPECT_EQ(HeadAt(0), pin);
      ReleasePage(m_.system(), pin, Grab::kPin);
    }
    ASSERT_EQ(m_.Load(*child, At(0)), 1);
    ASSERT_EQ(m_.Load(mm_, At(0)), 2);
    m_.Drop(*child);
    ASSERT_TRUE(Munmap(mm_, At(0), kHuge).ok());
    pool().SetPersistent(4);  // one has left it
  }
  ASSERT_EQ(pool().total(), 4u);
  EXPECT_GT(moved, 20);
}

}  // namespace
}  // namespace faultline::mm
