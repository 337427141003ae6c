#include "guest_mm/hugetlb/subpool.h"

#include "arch_x86/arch_ops.h"
#include "gtest/gtest.h"
#include "guest_mm/hugetlb/hugetlb.h"
#include "tests/guest_mm/testing/test_machine.h"

namespace faultline::mm {
namespace {

class SubpoolTest : public testing::Test {
 protected:
  SubpoolTest() : m_(x86::Ops(), 32 << 20) { pool().SetPersistent(4); }
  HugePagePool& pool() { return *m_.system().hugetlb().default_pool(); }

  TestMachine m_;
};

TEST_F(SubpoolTest, TheMinimumIsReservedAtOnceAndGivenBackAtTheEnd) {
  auto subpool = *HugePageSubpool::Create(pool(), {.max = {}, .min = 3});
  EXPECT_EQ(pool().reserved(), 3u);
  EXPECT_EQ(HugePageSubpool::Create(pool(), {.max = {}, .min = 2}).error(),
            Errno::kENOMEM);
  subpool.reset();
  EXPECT_EQ(pool().reserved(), 0u);
}

TEST_F(SubpoolTest, TheMinimumIsUsedFirstAndFilledUpFirst) {
  const auto subpool = *HugePageSubpool::Create(pool(), {.max = {}, .min = 2});
  EXPECT_EQ(*subpool->Get(1), 0u);
  EXPECT_EQ(*subpool->Get(3), 2u);
  EXPECT_EQ(subpool->Put(2), 0u);
  EXPECT_EQ(subpool->Put(2), 2u);
}

TEST_F(SubpoolTest, TheMaximumIsNotExceeded) {
  const auto subpool = *HugePageSubpool::Create(pool(), {.max = 2, .min = {}});
  EXPECT_EQ(*subpool->Get(2), 2u);
  EXPECT_EQ(subpool->Get(1).error(), Errno::kENOMEM);
  EXPECT_EQ(subpool->used(), 2u);
  EXPECT_EQ(subpool->Put(1), 1u);
  EXPECT_EQ(*subpool->Get(1), 1u);
  EXPECT_EQ(subpool->Put(2), 2u);
  EXPECT_EQ(subpool->Get(~uint64_t{0}).error(), Errno::kENOMEM);
}

TEST_F(SubpoolTest, WhatThePoolDidNotHaveIsUndone) {
  const auto subpool = *HugePageSubpool::Create(pool(), {.max = 9, .min = 2});
  EXPECT_EQ(*subpool->Get(5), 3u);
  EXPECT_EQ(subpool->Cancel(5, 3), 0u);
  EXPECT_EQ(subpool->used(), 0u);
  EXPECT_EQ(*subpool->Get(2), 0u);  // the minimum is whole again
  EXPECT_EQ(subpool->Put(2), 0u);
}

}  // namespace
}  // namespace faultline::mm
