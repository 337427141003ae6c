#include "guest_mm/hugetlb/huge_page_error.h"

#include "tests/guest_mm/testing/hugetlb_fixture.h"

namespace faultline::mm {
namespace {

class HugePageErrorTest : public HugetlbTest {
 protected:
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

}  // namespace
}  // namespace faultline::mm
