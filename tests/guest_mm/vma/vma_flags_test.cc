#include "guest_mm/vma/vma_flags.h"

#include "gtest/gtest.h"

namespace faultline::mm {
namespace {

TEST(VmaFlagsTest, SmapsListsThemInTheOrderOfLinuxBits) {
  // Both lines are from a 6.12 kernel.
  EXPECT_EQ(
      SmapsFlags(VmaFlags::FromProt(Prot::RW()) | VmaFlag::kNoHugePage |
                 VmaFlag::kSoftDirty | VmaFlag::kAccount | VmaFlag::kMayExec |
                 VmaFlag::kMayWrite | VmaFlag::kMayRead),
      "rd wr mr mw me ac sd nh");
  EXPECT_EQ(SmapsFlags(VmaFlag::kRead | VmaFlag::kMayRead | VmaFlag::kPfnMap |
                       VmaFlag::kIo | VmaFlag::kDontExpand |
                       VmaFlag::kDontDump | VmaFlag::kSoftDirty),
            "rd mr pf io de dd sd");
}

TEST(VmaFlagsTest, NoFlagsPrintNothing) { EXPECT_EQ(SmapsFlags({}), ""); }

TEST(VmaFlagsTest, RightsAreReplacedWithoutTouchingTheRest) {
  const VmaFlags f = VmaFlags::FromProt(Prot::RWX()) | VmaFlag::kShared;
  EXPECT_EQ(f.WithProt(Prot::R()).prot(), Prot::R());
  EXPECT_TRUE(f.WithProt(Prot::R()).has(VmaFlag::kShared));
  EXPECT_FALSE(f.set(VmaFlag::kShared, false).has(VmaFlag::kShared));
}

}  // namespace
}  // namespace faultline::mm
