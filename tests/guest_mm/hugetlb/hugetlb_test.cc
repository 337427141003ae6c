#include "guest_mm/hugetlb/hugetlb.h"

#include "arch_arm64/arch_ops.h"
#include "arch_x86/arch_ops.h"
#include "gtest/gtest.h"
#include "tests/guest_mm/testing/test_machine.h"

namespace faultline::mm {
namespace {

TEST(HugetlbTest, ThereIsAPoolForEachSizeThatAnEntryMaps) {
  for (const ArchOps* arch : {&x86::Ops(), &arm64::Ops()}) {
    TestMachine m(*arch, 32 << 20);
    const Hugetlb& hugetlb = m.system().hugetlb();
    ASSERT_EQ(hugetlb.pools().size(), 2u);
    EXPECT_EQ(hugetlb.default_pool()->name(), "hugepages-2048kB");
    EXPECT_EQ(hugetlb.PoolOf(30)->name(), "hugepages-1048576kB");
    EXPECT_EQ(hugetlb.PoolOf(0), hugetlb.default_pool());
    EXPECT_EQ(hugetlb.PoolOf(16), nullptr);
    EXPECT_FALSE(hugetlb.default_pool()->gigantic());
    EXPECT_TRUE(hugetlb.PoolOf(30)->gigantic());
  }
}

TEST(HugetlbTest, AFreedPageFillsUpTheMinimumOfItsMount) {
  TestMachine m(x86::Ops(), 32 << 20);
  Hugetlb& hugetlb = m.system().hugetlb();
  HugePagePool& pool = *hugetlb.default_pool();
  pool.SetPersistent(2);
  auto subpool = *HugePageSubpool::Create(pool, {.max = {}, .min = 1});
  ASSERT_EQ(*subpool->Get(1), 0u);
  const Pfn page = *pool.Take(HugePagePool::For::kReservation);
  m.phys().frame(page).restore_reserve = false;  // used
  hugetlb.SetSubpool(page, subpool);
  EXPECT_EQ(pool.reserved(), 0u);
  m.phys().Put(page);
  EXPECT_EQ(pool.reserved(), 1u);
  subpool.reset();
  EXPECT_EQ(pool.reserved(), 0u);
}

}  // namespace
}  // namespace faultline::mm
