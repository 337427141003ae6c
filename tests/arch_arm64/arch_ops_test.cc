// The architecture as data and as rules of access.
// Covers: arch_arm64/address_layout.cc arch_arm64/fault_policy.cc
// Covers: arch_arm64/paging_geometry.cc

#include "arch_arm64/arch_ops.h"

#include <gtest/gtest.h>

#include <iterator>

namespace faultline::arm64 {
namespace {

using mm::Access;
using mm::EntryFlag;
using mm::EntryFlags;
using mm::GuestAddr;
using mm::Mode;
using mm::Prot;

constexpr Paging kAll[] = {Paging::k4K48,  Paging::k4K39,  Paging::k4K52,
                           Paging::k16K47, Paging::k16K48, Paging::k64K42,
                           Paging::k64K48};
constexpr int kUserBits[] = {48, 39, 52, 47, 48, 42, 48};

TEST(Arm64OpsTest, EachLevelGoesOnWhereTheOneBelowEnds) {
  for (size_t i = 0; i < std::size(kAll); ++i) {
    const mm::ArchOps& ops = OpsFor(kAll[i]);
    const mm::PagingGeometry& g = ops.geometry();
    int shift = g.page_shift.value();
    for (const mm::PagingLevel& level : g.levels) {
      EXPECT_EQ(level.shift, shift) << level.name;
      shift += level.bits;
    }
    EXPECT_EQ(shift, kUserBits[i]);
    EXPECT_EQ(ops.layout().user_end.value(), uint64_t{1} << kUserBits[i]);
    EXPECT_EQ(g.levels.back().name, "pgd");
  }
}

TEST(Arm64OpsTest, ATableIsOnePageAndTheRootAtMostOne) {
  for (Paging paging : kAll) {
    const mm::PagingGeometry& g = OpsFor(paging).geometry();
    for (const mm::PagingLevel& level : g.levels) {
      if (level.name == "pgd") {
        EXPECT_LE(level.bits + 3, g.page_shift.value());
      } else {
        EXPECT_EQ(level.bits + 3, g.page_shift.value()) << level.name;
      }
    }
  }
}

TEST(Arm64OpsTest, BitsAbove48AreGivenOnlyOnRequest) {
  EXPECT_EQ(OpsFor(Paging::k4K52).layout().mmap_end,
            GuestAddr(uint64_t{1} << 48));
}

TEST(Arm64OpsTest, RandomPlacesCoverTheSameBytesWithEveryGranule) {
  for (Paging paging : kAll) {
    const mm::ArchOps& ops = OpsFor(paging);
    const int shift = ops.geometry().page_shift.value();
    EXPECT_EQ((ops.layout().stack_rnd_pages + 1) << shift, uint64_t{1} << 30);
    EXPECT_EQ((ops.layout().mmap_rnd_pages + 1) << shift, uint64_t{1} << 30);
  }
}

TEST(Arm64OpsTest, AUserPageIsReadableWhateverElseItIs) {
  const EntryFlags x_only = Ops().PageFlags(Prot::X());
  EXPECT_TRUE(Ops().Permits(x_only, Access::kRead, Mode::kUser));
  EXPECT_FALSE(Ops().Permits(x_only, Access::kWrite, Mode::kUser));
  EXPECT_TRUE(Ops().Permits(x_only, Access::kExec, Mode::kUser));
}

TEST(Arm64OpsTest, AProtNonePageIsNobodysEvenTheKernels) {
  const EntryFlags none = Ops().PageFlags(Prot::None());
  for (Access a : {Access::kRead, Access::kWrite, Access::kExec}) {
    EXPECT_FALSE(Ops().Permits(none, a, Mode::kUser));
    EXPECT_FALSE(Ops().Permits(none, a, Mode::kKernel));
  }
}

TEST(Arm64OpsTest, TheKernelObeysWriteProtectionAndRunsNoUserCode) {
  const EntryFlags rx = Ops().PageFlags(Prot::RX());
  EXPECT_TRUE(Ops().Permits(rx, Access::kRead, Mode::kKernel));
  EXPECT_FALSE(Ops().Permits(rx, Access::kWrite, Mode::kKernel));
  EXPECT_FALSE(Ops().Permits(rx, Access::kExec, Mode::kKernel));  // PXN
}

TEST(Arm64OpsTest, UserModeReachesNoKernelPage) {
  const EntryFlags kernel =
      EntryFlags(EntryFlag::kWrite).with(EntryFlag::kExec);
  for (Access a : {Access::kRead, Access::kWrite, Access::kExec}) {
    EXPECT_FALSE(Ops().Permits(kernel, a, Mode::kUser));
    EXPECT_TRUE(Ops().Permits(kernel, a, Mode::kKernel));
  }
}

TEST(Arm64OpsTest, TheTopByteOfAUserAddressIsATag) {
  EXPECT_EQ(Ops().Untag(GuestAddr(0x5a00000000001000)), GuestAddr(0x1000));
  // Bit 55 says which half of the address space is meant.
  const GuestAddr kernel(0xff80000000001000);
  EXPECT_EQ(Ops().Untag(kernel), kernel);
}

TEST(Arm64OpsTest, AReadIsAllowedByAnyRightOfTheMapping) {
  using mm::VmaFlag;
  const mm::FaultPolicy& policy = Ops().fault_policy();
  EXPECT_EQ(policy.read_needs,
            VmaFlag::kRead | VmaFlag::kWrite | VmaFlag::kExec);
  EXPECT_FALSE(policy.prefaulted_young);
}

}  // namespace
}  // namespace faultline::arm64
