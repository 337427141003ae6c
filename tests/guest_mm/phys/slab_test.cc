#include "guest_mm/phys/slab.h"

#include <gtest/gtest.h>

#include <optional>
#include <utility>
#include <vector>

#include "guest_mm/phys/phys_mem.h"

namespace faultline::mm {
namespace {

class SlabTest : public ::testing::Test {
 protected:
  std::unique_ptr<PhysMem> phys_ =
      PhysMem::Create(1 << 20, kPageShift4K).value();
  std::shared_ptr<Slab> slab_ = Slab::Create(*phys_);
};

TEST_F(SlabTest, APagesWorthOfChargesTakesOneFrame) {
  const uint64_t free = phys_->free().value();
  std::vector<Slab::Charge> charges;
  for (int i = 0; i < 4; ++i) {
    charges.push_back(slab_->Take(1024).value());
    EXPECT_EQ(slab_->frames().value(), 1u);
  }
  charges.push_back(slab_->Take(1).value());
  EXPECT_EQ(slab_->frames().value(), 2u);
  EXPECT_EQ(phys_->free().value(), free - 2);
}

TEST_F(SlabTest, WhatIsGivenBackCanBeUsedAgain) {
  const uint64_t free = phys_->free().value();
  {
    const auto charge = slab_->Take(100 * 4096);
    EXPECT_EQ(phys_->free().value(), free - 100);
  }
  EXPECT_EQ(slab_->charged(), 0u);
  EXPECT_EQ(phys_->free().value(), free - 1);  // one is kept
  slab_.reset();
  EXPECT_EQ(phys_->free().value(), free);
}

TEST_F(SlabTest, MoreThanTheMachineHasIsRefusedAndChangesNothing) {
  const auto some = slab_->Take(5000);
  const uint64_t free = phys_->free().value();
  EXPECT_EQ(slab_->Take(1 << 20).error(), Errno::kENOMEM);
  EXPECT_EQ(slab_->charged(), 5000u);
  EXPECT_GE(phys_->free().value() + 1, free);
  EXPECT_TRUE(slab_->Take(5000).ok());
}

TEST_F(SlabTest, AChargeMovesAndOutlivesItsOwner) {
  Slab::Charge kept;
  {
    Slab::Charge charge = slab_->Take(4096).value();
    kept = std::move(charge);
  }
  EXPECT_EQ(slab_->charged(), 4096u);
  const uint64_t free = phys_->free().value();
  slab_.reset();
  EXPECT_EQ(phys_->free().value(), free);
  kept = Slab::Charge();
  EXPECT_EQ(phys_->free().value(), free + 1);
}

}  // namespace
}  // namespace faultline::mm
