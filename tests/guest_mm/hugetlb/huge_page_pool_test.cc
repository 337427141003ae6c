#include "guest_mm/hugetlb/huge_page_pool.h"

#include "arch_x86/arch_ops.h"
#include "gtest/gtest.h"
#include "guest_mm/hugetlb/hugetlb.h"
#include "tests/guest_mm/testing/failing_allocations.h"
#include "tests/guest_mm/testing/test_machine.h"

namespace faultline::mm {
namespace {

using For = HugePagePool::For;

class HugePagePoolTest : public testing::Test {
 protected:
  HugePagePoolTest() : m_(x86::Ops(), 32 << 20) {}
  Hugetlb& hugetlb() { return m_.system().hugetlb(); }
  HugePagePool& pool() { return *hugetlb().default_pool(); }
  PhysMem& phys() { return m_.phys(); }

  TestMachine m_;
};

TEST_F(HugePagePoolTest, PersistentPagesComeFromTheBuddyAndGoBack) {
  const PageCount before = phys().free();
  pool().SetPersistent(4);
  EXPECT_EQ(pool().total(), 4u);
  EXPECT_EQ(pool().free(), 4u);
  EXPECT_EQ(before - phys().free(), PageCount(4 * 512));
  hugetlb().Validate();
  pool().SetPersistent(0);
  EXPECT_EQ(phys().free(), before);
  hugetlb().Validate();
}

TEST_F(HugePagePoolTest, MoreThanThereIsGivesWhatThereIs) {
  pool().SetPersistent(1000);
  EXPECT_GT(pool().total(), 0u);
  EXPECT_LT(pool().total(), 16u);
  EXPECT_EQ(pool().wanted(), pool().total());
  EXPECT_EQ(hugetlb().counters().alloc_fail, 1u);
  pool().SetPersistent(0);
}

TEST_F(HugePagePoolTest, APromisedPageIsOnlyForWhomItWasPromised) {
  pool().SetPersistent(1);
  ASSERT_TRUE(pool().Reserve(1).ok());
  EXPECT_EQ(pool().Reserve(1).error(), Errno::kENOMEM);
  EXPECT_FALSE(pool().Take(For::kAnyone).has_value());
  const auto page = pool().Take(For::kReservation);
  ASSERT_TRUE(page.has_value());
  EXPECT_EQ(pool().reserved(), 0u);
  // Put unused, it is promised again.
  phys().Put(*page);
  EXPECT_EQ(pool().reserved(), 1u);
  EXPECT_EQ(pool().free(), 1u);
  pool().Unreserve(1);
}

TEST_F(HugePagePoolTest, SurplusPagesComeWithTheNeedAndGoWithIt) {
  pool().set_overcommit(2);
  EXPECT_EQ(pool().Reserve(3).error(), Errno::kENOMEM);
  EXPECT_EQ(pool().total(), 0u);
  ASSERT_TRUE(pool().Reserve(2).ok());
  EXPECT_EQ(pool().surplus(), 2u);
  const Pfn page = *pool().Take(For::kReservation);
  phys().frame(page).restore_reserve = false;  // used
  pool().Unreserve(1);
  EXPECT_EQ(pool().total(), 1u);
  const PageCount free = phys().free();
  phys().Put(page);
  EXPECT_EQ(pool().total(), 0u);
  EXPECT_EQ(phys().free() - free, PageCount(512));
}

TEST_F(HugePagePoolTest, PagesInUseAreSurplusInASmallerPool) {
  pool().SetPersistent(2);
  const Pfn page = *pool().Take(For::kAnyone);
  pool().SetPersistent(0);
  EXPECT_EQ(pool().total(), 1u);
  EXPECT_EQ(pool().surplus(), 1u);
  // A larger one has them back.
  pool().SetPersistent(1);
  EXPECT_EQ(pool().surplus(), 0u);
  phys().Put(page);
  EXPECT_EQ(pool().free(), 1u);
  hugetlb().Validate();
}

TEST_F(HugePagePoolTest, AllocationThatIsMadeToFailLeavesNothingBehind) {
  const FailingAllocations failing(
      [](AllocPurpose purpose) { return purpose == AllocPurpose::kHugeTlb; });
  pool().set_overcommit(2);
  EXPECT_EQ(pool().Reserve(1).error(), Errno::kENOMEM);
  pool().SetPersistent(1);
  EXPECT_EQ(pool().total(), 0u);
  EXPECT_EQ(pool().surplus(), 0u);
}

TEST_F(HugePagePoolTest, AReturnedPageIsNotTakenForZeros) {
  pool().SetPersistent(1);
  const Pfn page = *pool().Take(For::kAnyone);
  phys().Data(page + 3)[5] = std::byte{7};
  phys().Put(page);
  const Pfn again = *pool().Take(For::kAnyone);
  ASSERT_EQ(again, page);
  for (uint64_t i = 0; i < 512; ++i) {
    ASSERT_FALSE(phys().frame(page + i).zeroed);
  }
  phys().Put(again);
}

}  // namespace
}  // namespace faultline::mm
