#include "guest_mm/hugetlb/hugetlb_file.h"

#include "tests/guest_mm/testing/hugetlb_fixture.h"

namespace faultline::mm {
namespace {

class HugetlbFileTest : public HugetlbTest {
 protected:
  HugetlbFileTest()
      : mapped_(std::make_shared<TestHugetlbFile>(m_.system(), 4 * kHuge)) {}
  ~HugetlbFileTest() override {
    // Before the pool is looked at.
    (void)Munmap(mm_, At(0), 64 * kHuge);
    mapped_.reset();
  }
  HugetlbFile& file() { return *mapped_->hugetlb(); }

  std::shared_ptr<TestHugetlbFile> mapped_;
};
INSTANTIATE_HUGETLB_TEST(HugetlbFileTest);

TEST_P(HugetlbFileTest, ASharedMappingReservesWhatIsNeitherReservedNorThere) {
  Map(0, 2, kMapShared, mapped_);
  EXPECT_EQ(pool().reserved(), 2u);
  Map(8, 3, kMapShared, mapped_);
  EXPECT_EQ(pool().reserved(), 3u);
  ASSERT_TRUE(Store(0, 'x'));
  EXPECT_EQ(pool().reserved(), 2u);
  EXPECT_EQ(Load(8), 'x');
  EXPECT_EQ(file().cached(), 1u);
}

TEST_P(HugetlbFileTest, TruncationTakesPagesAndReservations) {
  Map(0, 3, kMapShared, mapped_);
  ASSERT_TRUE(Store(0, 'a'));
  ASSERT_TRUE(Store(1, 'b'));
  file().Truncate(kHuge);
  m_.ValidateStep();
  EXPECT_EQ(pool().reserved(), 0u);
  EXPECT_EQ(pool().free(), 3u);
  EXPECT_TRUE(Present(0));
  EXPECT_FALSE(Present(1));
  EXPECT_EQ(file().size(), kHuge);
}

TEST_P(HugetlbFileTest, APunchedHoleReadsAsZerosAndItsReservationIsGone) {
  Map(0, 2, kMapShared, mapped_);
  ASSERT_TRUE(Store(0, 'a'));
  ASSERT_TRUE(m_.Store(mm_, At(1) + 10, 'b'));
  ASSERT_TRUE(m_.Store(mm_, At(1) + 20, 'c'));
  file().PunchHole(0, kHuge + 15);
  m_.ValidateStep();
  EXPECT_EQ(file().cached(), 1u);
  EXPECT_EQ(pool().reserved(), 0u);
  EXPECT_EQ(m_.Load(mm_, At(1) + 10), 0);
  EXPECT_EQ(m_.Load(mm_, At(1) + 20), 'c');
  EXPECT_EQ(Load(0), 0);
}

TEST_P(HugetlbFileTest, AHoleTakesPrivateCopiesToo) {
  Map(0, 1, kMapShared, mapped_);
  ASSERT_TRUE(Store(0, 's'));
  Map(8, 1, kMapPrivate, mapped_);
  ASSERT_TRUE(Store(8, 'p'));
  file().PunchHole(0, kHuge);
  m_.ValidateStep();
  EXPECT_EQ(Load(8), 0);
}

TEST_P(HugetlbFileTest, AllocationGetsPagesWithAndWithoutReservation) {
  Map(0, 1, kMapShared, mapped_);
  ASSERT_TRUE(file().Allocate(0, kHuge + 1).ok());
  EXPECT_EQ(file().cached(), 2u);
  EXPECT_EQ(pool().reserved(), 0u);
  EXPECT_EQ(file().Allocate(0, 5 * kHuge).error(), Errno::kENOSPC);
  EXPECT_EQ(file().cached(), 4u);  // what could be had stays
  m_.ValidateStep();
}

TEST_P(HugetlbFileTest, ReservesNothingWhenThePoolHasTooFew) {
  EXPECT_EQ(TryMap(0, 5, kMapShared, mapped_).error(), Errno::kENOMEM);
  EXPECT_EQ(pool().reserved(), 0u);
  EXPECT_EQ(TryMap(0, 5, kMapPrivate, mapped_).error(), Errno::kENOMEM);
  EXPECT_EQ(pool().reserved(), 0u);
}

TEST_P(HugetlbFileTest, AMountsLimitsHoldForItsFiles) {
  const auto subpool = *HugePageSubpool::Create(pool(), {.max = 2, .min = 1});
  mapped_ = std::make_shared<TestHugetlbFile>(m_.system(), 0, subpool);
  EXPECT_EQ(pool().reserved(), 1u);
  EXPECT_EQ(TryMap(0, 3, kMapShared, mapped_).error(), Errno::kENOMEM);
  EXPECT_EQ(pool().reserved(), 1u);
  Map(0, 2, kMapShared, mapped_);
  EXPECT_EQ(pool().reserved(), 2u);
  EXPECT_EQ(file().size(), 2 * kHuge);  // grown by the mapping
  ASSERT_TRUE(Store(0, 'x'));
  ASSERT_TRUE(Store(1, 'y'));
  EXPECT_EQ(pool().reserved(), 0u);
  EXPECT_EQ(file().Allocate(2 * kHuge, 1).error(), Errno::kENOSPC);
  file().Truncate(0);
  EXPECT_EQ(pool().reserved(), 1u);  // the minimum again
  EXPECT_EQ(subpool->used(), 0u);
}

TEST_P(HugetlbFileTest, AFileOffsetInsideAPageIsRefused) {
  MmapRequest r;
  r.length = kHuge;
  r.prot = 3;
  r.flags = kMapShared;
  r.file = mapped_;
  r.pgoff = 1;
  EXPECT_EQ(Mmap(mm_, r).error(), Errno::kEINVAL);
}

}  // namespace
}  // namespace faultline::mm
