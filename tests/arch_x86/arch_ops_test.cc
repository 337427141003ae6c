// The architecture as data and as rules of access.
// Covers: arch_x86/address_layout.cc arch_x86/fault_policy.cc
// Covers: arch_x86/paging_geometry.cc

#include "arch_x86/arch_ops.h"

#include <gtest/gtest.h>

#include <string>

namespace faultline::x86 {
namespace {

using mm::Access;
using mm::EntryFlag;
using mm::EntryFlags;
using mm::GuestAddr;
using mm::Mode;
using mm::Prot;

TEST(X86OpsTest, EachLevelGoesOnWhereTheOneBelowEnds) {
  for (Paging paging : {Paging::k4Level, Paging::k5Level}) {
    const mm::PagingGeometry& g = OpsFor(paging).geometry();
    int shift = g.page_shift.value();
    for (const mm::PagingLevel& level : g.levels) {
      EXPECT_EQ(level.shift, shift) << level.name;
      shift += level.bits;
    }
    // The sign bit of a canonical address is the top one of the root's index.
    EXPECT_EQ(shift, paging == Paging::k4Level ? 48 : 57);
    EXPECT_EQ(g.levels.back().name, "pgd");
  }
}

TEST(X86OpsTest, PagesOf4KTo1GCanBeMapped) {
  const mm::PagingGeometry& g = Ops().geometry();
  std::string sizes;
  for (int level = 0; level <= g.root(); ++level) {
    if (g.levels[size_t(level)].can_map_page) {
      sizes += std::to_string(g.EntryBytes(level) >> 10) + "K ";
    }
  }
  EXPECT_EQ(sizes, "4K 2048K 1048576K ");
}

TEST(X86OpsTest, TheLastPageOfTheLowerHalfIsNobodys) {
  EXPECT_EQ(Ops().layout().user_end, GuestAddr(0x7ffffffff000));
  EXPECT_EQ(Ops().layout().stack_top, GuestAddr(0x7ffffffff000));
}

TEST(X86OpsTest, FiveLevelsGiveTheUpperPartOnlyOnRequest) {
  const mm::AddressLayout& layout = OpsFor(Paging::k5Level).layout();
  EXPECT_EQ(layout.user_end, GuestAddr(0xfffffffffff000));
  EXPECT_EQ(layout.mmap_end, GuestAddr(0x7ffffffff000));
}

TEST(X86OpsTest, RandomPlacesStayInsideUserSpace) {
  const mm::AddressLayout& layout = Ops().layout();
  EXPECT_LT(layout.pie_base + (layout.mmap_rnd_pages << 12),
            layout.user_end.value());
  EXPECT_LT(layout.stack_rnd_pages << 12, layout.stack_top.value());
}

TEST(X86OpsTest, AUserPageIsReadableWhateverElseItIs) {
  const EntryFlags w_only = Ops().PageFlags(Prot::W());
  EXPECT_TRUE(Ops().Permits(w_only, Access::kRead, Mode::kUser));
  EXPECT_TRUE(Ops().Permits(w_only, Access::kWrite, Mode::kUser));
  EXPECT_FALSE(Ops().Permits(w_only, Access::kExec, Mode::kUser));
}

TEST(X86OpsTest, AProtNonePageIsNobodysEvenTheKernels) {
  const EntryFlags none = Ops().PageFlags(Prot::None());
  for (Access a : {Access::kRead, Access::kWrite, Access::kExec}) {
    EXPECT_FALSE(Ops().Permits(none, a, Mode::kUser));
    EXPECT_FALSE(Ops().Permits(none, a, Mode::kKernel));
  }
}

TEST(X86OpsTest, TheKernelObeysWriteProtectionAndRunsNoUserCode) {
  const EntryFlags rx = Ops().PageFlags(Prot::RX());
  EXPECT_TRUE(Ops().Permits(rx, Access::kRead, Mode::kKernel));
  EXPECT_FALSE(Ops().Permits(rx, Access::kWrite, Mode::kKernel));  // CR0.WP
  EXPECT_FALSE(Ops().Permits(rx, Access::kExec, Mode::kKernel));   // SMEP
  EXPECT_TRUE(Ops().Permits(rx, Access::kExec, Mode::kUser));
}

TEST(X86OpsTest, UserModeReachesNoKernelPage) {
  const EntryFlags kernel =
      EntryFlags(EntryFlag::kWrite).with(EntryFlag::kExec);
  for (Access a : {Access::kRead, Access::kWrite, Access::kExec}) {
    EXPECT_FALSE(Ops().Permits(kernel, a, Mode::kUser));
    EXPECT_TRUE(Ops().Permits(kernel, a, Mode::kKernel));
  }
}

TEST(X86OpsTest, AnAddressHasNoTag) {
  const GuestAddr a(0xff00000000001000);
  EXPECT_EQ(Ops().Untag(a), a);
}

TEST(X86OpsTest, AReadIsAllowedByAnyRightOfTheMapping) {
  using mm::VmaFlag;
  const mm::FaultPolicy& policy = Ops().fault_policy();
  EXPECT_EQ(policy.read_needs,
            VmaFlag::kRead | VmaFlag::kWrite | VmaFlag::kExec);
  EXPECT_TRUE(policy.prefaulted_young);
}

}  // namespace
}  // namespace faultline::x86
