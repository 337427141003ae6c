#include "guest_mm/calls/unmapped_area.h"

#include "arch_arm64/arch_ops.h"
#include "tests/guest_mm/testing/calls_fixture.h"

namespace faultline::mm {
namespace {

class UnmappedAreaTest : public CallsTest {
 protected:
  ErrnoOr<GuestAddr> Find(GuestAddr hint, uint64_t pages) {
    AreaRequest r;
    r.hint = hint;
    r.length = pages * kPage;
    return GetUnmappedArea(mm_, r);
  }
};

TEST_F(UnmappedAreaTest, HighestGapUnderTheBaseIsTaken) {
  mm_.mmap_base = At(100);
  Map(90, 10);
  EXPECT_EQ(*Find(GuestAddr(0), 3), At(87));
  Map(80, 8);
  EXPECT_EQ(*Find(GuestAddr(0), 2), At(88));
  EXPECT_EQ(*Find(GuestAddr(0), 3), At(77));
}

TEST_F(UnmappedAreaTest, AboveTheBaseIsUsedWhenNothingBelowIsLeft) {
  const GuestAddr third =
      GuestAddr(x86::Ops().layout().mmap_end.value() / 3).PageUp(kPageShift4K);
  mm_.mmap_base = GuestAddr(machine_.system().sysctl().mmap_min_addr) + kPage;
  EXPECT_EQ(*Find(GuestAddr(0), 2), third);
}

// vm.mmap_min_addr takes any number.
TEST_F(UnmappedAreaTest, NoSearchGoesBelowTheLowestAddress) {
  AreaRequest in_window;
  in_window.length = kPage;
  in_window.window = {At(0), At(10)};
  machine_.system().sysctl().mmap_min_addr = At(7).value() + 1;
  EXPECT_EQ(*GetUnmappedArea(mm_, in_window), At(8));
  for (const uint64_t lowest : {uint64_t{1} << 63, ~uint64_t{0}}) {
    machine_.system().sysctl().mmap_min_addr = lowest;
    EXPECT_THAT(GetUnmappedArea(mm_, in_window), FailsWith(Errno::kENOMEM));
    EXPECT_THAT(Find(GuestAddr(0), 1), FailsWith(Errno::kENOMEM));
    EXPECT_THAT(Find(At(0), 1), FailsWith(Errno::kENOMEM));
    EXPECT_THAT(Mmap(mm_, Request(At(0), 1, kRW, kAnon)),
                FailsWith(Errno::kENOMEM));
    EXPECT_THAT(Mmap(mm_, Request(At(0), 1, kRW, kAnon | kMapFixed)),
                Succeeds());
    ASSERT_THAT(Munmap(mm_, At(0), kPage), Succeeds());
  }
}

TEST_F(UnmappedAreaTest, NoRoomAnywhereIsOutOfMemory) {
  const uint64_t all = x86::Ops().layout().user_end.value() / kPage;
  EXPECT_THAT(Find(GuestAddr(0), all + 1), FailsWith(Errno::kENOMEM));
  EXPECT_THAT(Find(GuestAddr(0), all), FailsWith(Errno::kENOMEM));
}

TEST_F(UnmappedAreaTest, HintThatWouldCrossTheEndIsIgnored) {
  const GuestAddr end = x86::Ops().layout().user_end;
  EXPECT_EQ(*Find(end - kPage, 1), end - kPage);
  EXPECT_EQ(*Find(end - kPage, 2), mm_.mmap_base - 2 * kPage);
}

TEST_F(UnmappedAreaTest, HintInAStacksGuardIsIgnored) {
  Map(1000, 1, kRW, kAnon | kMapGrowsDown);
  EXPECT_EQ(*Find(At(1000 - 256), 1), mm_.mmap_base - kPage);
  EXPECT_EQ(*Find(At(1000 - 257), 1), At(1000 - 257));
}

// From the guard's start on, though between it and the stack there be others'
// gaps: Linux goes on below the guard.
TEST_F(UnmappedAreaTest, NothingIsPlacedInAStacksGuard) {
  const GuestAddr top = mm_.mmap_base;
  const auto map_below = [&](uint64_t pages, uint64_t flags) {
    ASSERT_THAT(Mmap(mm_, Request(top - pages * kPage, 1, kRW,
                                  kAnon | kMapFixed | flags)),
                Succeeds());
  };
  map_below(2, kMapGrowsDown);
  EXPECT_EQ(*Find(GuestAddr(0), 1), top - kPage);
  map_below(1, 0);
  EXPECT_EQ(*Find(GuestAddr(0), 1), top - (2 + 256 + 1) * kPage);
  map_below(20, 0);
  EXPECT_EQ(*Find(GuestAddr(0), 1), top - (2 + 256 + 1) * kPage);
}

TEST_F(UnmappedAreaTest, WindowIsSearchedBeyondAStacksGuard) {
  AreaRequest r;
  r.length = kPage;
  r.window = {At(0), At(400)};
  Map(0, 1);
  Map(100, 1, kRW, kAnon | kMapGrowsDown);
  EXPECT_EQ(*GetUnmappedArea(mm_, r), At(101));
}

TEST_F(UnmappedAreaTest, WindowIsSearchedFromItsStart) {
  AreaRequest r;
  r.length = 2 * kPage;
  r.window = {At(0), At(10)};
  Map(0, 1);
  EXPECT_EQ(*GetUnmappedArea(mm_, r), At(1));
  Map(2, 7);
  EXPECT_THAT(GetUnmappedArea(mm_, r), FailsWith(Errno::kENOMEM));
}

TEST(UnmappedAreaArm64Test, SameRulesHold) {
  TestMachine machine(arm64::Ops());
  AddressSpace& mm = machine.NewSpace();
  mm.mmap_base = GuestAddr(0xffff00000000);
  AreaRequest r;
  r.length = 8192;
  EXPECT_EQ(*GetUnmappedArea(mm, r), mm.mmap_base - 8192);
  r.hint = arm64::Ops().layout().user_end - 8192;
  EXPECT_EQ(*GetUnmappedArea(mm, r), r.hint);
}

}  // namespace
}  // namespace faultline::mm
