#include "guest_mm/hugetlb/hugetlb_fault.h"

#include "tests/guest_mm/testing/hugetlb_fixture.h"

namespace faultline::mm {
namespace {

using Kind = PageFaultOutcome::Kind;

class HugetlbFaultTest : public HugetlbTest {};
INSTANTIATE_HUGETLB_TEST(HugetlbFaultTest);

TEST_P(HugetlbFaultTest, OneEntryMapsThePageWhole) {
  Map(0, 2);
  EXPECT_EQ(pool().reserved(), 2u);
  ASSERT_TRUE(Store(0, 'a'));
  const EntryRef r = mm_.page_table().Walk(At(0));
  EXPECT_EQ(r.level, 1);
  EXPECT_TRUE(mm_.page_table().Get(r).write());
  EXPECT_EQ(m_.Load(mm_, At(0) + kHuge - 1), 0);
  EXPECT_EQ(Load(0), 'a');
  EXPECT_FALSE(Present(1));
  EXPECT_EQ(mm_.rss.hugetlb, PageCount(512));
  EXPECT_EQ(mm_.rss.total(), PageCount());
}

TEST_P(HugetlbFaultTest, PrivateReadMapsItReadOnlyAndAStoreNeedsNoCopy) {
  Map(0, 1);
  EXPECT_EQ(Load(0), 0);
  EXPECT_FALSE(m_.EntryAt(mm_, At(0)).write());
  const Pfn page = m_.EntryAt(mm_, At(0)).pfn();
  ASSERT_TRUE(Store(0, 'x'));
  EXPECT_EQ(m_.EntryAt(mm_, At(0)).pfn(), page);
}

TEST_P(HugetlbFaultTest, AnEmptyPoolIsABusError) {
  Map(0, 4);
  Map(8, 1, kPrivate | kMapNoReserve);
  EXPECT_EQ(m_.Touch(mm_, At(8), Access::kRead), Kind::kBusError);
  EXPECT_EQ(m_.Touch(mm_, At(8), Access::kWrite), Kind::kBusError);
  ASSERT_TRUE(Store(3, 'x'));
}

TEST_P(HugetlbFaultTest, ACopyThatCannotBeHadLeavesTheChildItsPage) {
  Map(0, 4);
  for (uint64_t i = 0; i < 4; ++i) {
    ASSERT_TRUE(Store(i, uint8_t(i + 1)));
  }
  AddressSpace& child = Fork();
  EXPECT_EQ(m_.Touch(child, At(0), Access::kWrite), Kind::kBusError);
  EXPECT_EQ(m_.Load(child, At(0)), 1);
  // The owner's does not fail: the child pays.
  ASSERT_TRUE(Store(0, 'p'));
  EXPECT_EQ(m_.Load(child, At(0)), -1);
  EXPECT_EQ(m_.Load(child, At(1)), 2);
  EXPECT_EQ(Load(0), 'p');
}

TEST_P(HugetlbFaultTest, ACopyOfTheFilesPageUsesTheReservation) {
  auto file = std::make_shared<TestHugetlbFile>(m_.system(), 2 * kHuge);
  Map(0, 1, kMapShared, file);
  ASSERT_TRUE(Store(0, 's'));
  Map(8, 1, kMapPrivate, file);
  EXPECT_EQ(pool().reserved(), 1u);
  EXPECT_EQ(Load(8), 's');
  EXPECT_EQ(pool().reserved(), 1u);
  ASSERT_TRUE(Store(8, 'p'));
  EXPECT_EQ(pool().reserved(), 0u);
  EXPECT_EQ(Load(0), 's');
  EXPECT_EQ(Load(8), 'p');
}

TEST_P(HugetlbFaultTest, BeyondTheFilesEndIsABusError) {
  auto file = std::make_shared<TestHugetlbFile>(m_.system(), kHuge);
  Map(0, 1, kMapShared, file);
  file->hugetlb()->Truncate(0);
  EXPECT_EQ(m_.Touch(mm_, At(0), Access::kRead), Kind::kBusError);
}

// A machine with one page of 1 GiB.
class GiganticPageTest : public HugetlbTest {
 protected:
  static constexpr uint64_t kGiB = uint64_t{1} << 30;
  GiganticPageTest() : HugetlbTest(0, 3 * kGiB) { big().SetPersistent(1); }
  HugePagePool& big() { return *m_.system().hugetlb().PoolOf(30); }
};
INSTANTIATE_HUGETLB_TEST(GiganticPageTest);

TEST_P(GiganticPageTest, IsMappedByAnEntryOfItsOwnLevel) {
  ASSERT_EQ(big().free(), 1u);
  MmapRequest r;
  r.hint = GuestAddr(kGiB);
  r.length = 4096;
  r.prot = 3;
  r.flags = kPrivate | kMapFixed | uint64_t{30} << 26;
  ASSERT_TRUE(Mmap(mm_, r).ok());
  ASSERT_TRUE(m_.Store(mm_, GuestAddr(2 * kGiB - 1), 'z'));
  EXPECT_EQ(mm_.page_table().Walk(GuestAddr(kGiB)).level, 2);
  EXPECT_EQ(m_.Load(mm_, GuestAddr(kGiB)), 0);
  EXPECT_EQ(m_.Load(mm_, GuestAddr(2 * kGiB - 1)), 'z');
  EXPECT_EQ(Munmap(mm_, GuestAddr(kGiB), kHuge).error(), Errno::kEINVAL);
  EXPECT_TRUE(Munmap(mm_, GuestAddr(kGiB), kGiB).ok());
  EXPECT_EQ(big().free(), 1u);
}

}  // namespace
}  // namespace faultline::mm
