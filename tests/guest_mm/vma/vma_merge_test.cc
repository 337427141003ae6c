#include "guest_mm/vma/vma_merge.h"

#include <memory>

#include "gtest/gtest.h"
#include "guest_mm/vma/anon_vma.h"

namespace faultline::mm {
namespace {

// Three stretches in a row, alike unless the test changes one.
class VmaMergeTest : public testing::Test {
 protected:
  VmaMergeTest() {
    for (uint64_t i = 0; i < 3; ++i) {
      Vma& v = *vmas_[i];
      v.range = GuestRange::At(GuestAddr((10 + i) * 4096), 4096);
      v.flags = VmaFlags::FromProt(Prot::RW()) | VmaFlag::kMayRead;
      v.pgoff = 10 + i;
    }
  }
  MergePlan Plan() { return PlanMerge(&prev_, middle_, &next_, kPageShift4K); }
  void ExpectPlan(bool with_prev, bool with_next) {
    const MergePlan plan = Plan();
    EXPECT_EQ(plan.with_prev, with_prev);
    EXPECT_EQ(plan.with_next, with_next);
  }
  std::shared_ptr<AnonVma> Fresh() { return std::make_shared<AnonVma>(); }
  std::shared_ptr<AnonVma> Inherited() {
    return std::make_shared<AnonVma>(&ancestor_);
  }

  AnonVma ancestor_;
  Vma prev_, middle_, next_;
  Vma* const vmas_[3] = {&prev_, &middle_, &next_};
};

TEST_F(VmaMergeTest, LikeNeighboursBothMerge) { ExpectPlan(true, true); }

TEST_F(VmaMergeTest, MissingNeighboursDoNot) {
  const MergePlan plan = PlanMerge(nullptr, middle_, nullptr, kPageShift4K);
  EXPECT_FALSE(plan.with_prev || plan.with_next);
}

TEST_F(VmaMergeTest, GapKeepsApart) {
  next_.range = GuestRange::At(GuestAddr(13 * 4096), 4096);
  next_.pgoff = 13;
  ExpectPlan(true, false);
}

TEST_F(VmaMergeTest, OtherFlagsKeepApartButSoftDirtyDoesNot) {
  prev_.flags |= VmaFlag::kDontCopy;
  next_.flags |= VmaFlag::kSoftDirty;
  ExpectPlan(false, true);
}

TEST_F(VmaMergeTest, OtherNameKeepsApart) {
  prev_.anon_name = "a";
  middle_.anon_name = "a";
  ExpectPlan(true, false);
}

TEST_F(VmaMergeTest, OffsetOutOfStepKeepsApart) {
  middle_.pgoff = 99;
  ExpectPlan(false, false);
  prev_.pgoff = 98;
  ExpectPlan(true, false);
}

TEST_F(VmaMergeTest, SpecialMappingsNeverMerge) {
  for (const VmaFlag special :
       {VmaFlag::kIo, VmaFlag::kPfnMap, VmaFlag::kDontExpand}) {
    for (Vma* v : vmas_) {
      v->flags = VmaFlags::FromProt(Prot::RW()) | special;
    }
    ExpectPlan(false, false);
  }
}

TEST_F(VmaMergeTest, NewMemoryJoinsFaultedNeighbours) {
  prev_.anon_vma = next_.anon_vma = Fresh();
  ExpectPlan(true, true);
}

TEST_F(VmaMergeTest, NeighboursWithDifferentPastsAreNotJoinedThroughIt) {
  prev_.anon_vma = Fresh();
  next_.anon_vma = Fresh();
  ExpectPlan(true, false);
}

TEST_F(VmaMergeTest, InheritedNeighbourTakesNothingIn) {
  prev_.anon_vma = Inherited();
  next_.anon_vma = Fresh();
  ExpectPlan(false, true);
}

TEST_F(VmaMergeTest, FaultedMemoryDoesNotJoinAnUntouchedNeighbour) {
  middle_.anon_vma = Fresh();
  next_.anon_vma = middle_.anon_vma;
  ExpectPlan(false, true);
}

TEST_F(VmaMergeTest, EitherMayLackAnAnonVmaFrom616On) {
  middle_.anon_vma = Fresh();
  ExpectPlan(false, false);
  const auto plan = [&] {
    return PlanMerge(&prev_, middle_, &next_, kPageShift4K,
                     AnonVmaMerge::kEither);
  };
  EXPECT_TRUE(plan().with_prev && plan().with_next);
  middle_.anon_vma = Inherited();
  EXPECT_FALSE(plan().with_prev || plan().with_next);
}

}  // namespace
}  // namespace faultline::mm
