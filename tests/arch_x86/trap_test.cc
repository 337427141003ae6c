#include "arch_x86/trap.h"

#include <gtest/gtest.h>

namespace faultline::x86 {
namespace {

using mm::Access;
using mm::Fault;
using mm::GuestAddr;
using mm::Mode;

Fault Make(Access access, Mode mode, bool present) {
  Fault f;
  f.address = GuestAddr(0x1234);
  f.access = access;
  f.mode = mode;
  f.was_present = present;
  return f;
}

TEST(PageFaultErrorCodeTest, HasOneBitForEachProperty) {
  EXPECT_EQ(PageFaultErrorCode(Make(Access::kRead, Mode::kUser, false)), 4u);
  EXPECT_EQ(PageFaultErrorCode(Make(Access::kWrite, Mode::kUser, false)), 6u);
  EXPECT_EQ(PageFaultErrorCode(Make(Access::kWrite, Mode::kUser, true)), 7u);
  EXPECT_EQ(PageFaultErrorCode(Make(Access::kExec, Mode::kUser, true)), 0x15u);
  EXPECT_EQ(PageFaultErrorCode(Make(Access::kRead, Mode::kKernel, true)), 1u);
}

TEST(PageFaultErrorCodeTest, EveryFaultComesBackFromItsCode) {
  for (Access a : {Access::kRead, Access::kWrite, Access::kExec}) {
    for (Mode m : {Mode::kUser, Mode::kKernel}) {
      for (bool present : {false, true}) {
        const Fault f = Make(a, m, present);
        const Fault g = FaultFromErrorCode(PageFaultErrorCode(f), f.address,
                                           GuestAddr(0x99));
        EXPECT_EQ(g.access, a);
        EXPECT_EQ(g.mode, m);
        EXPECT_EQ(g.was_present, present);
        EXPECT_EQ(g.address, f.address);
        EXPECT_EQ(g.pc, GuestAddr(0x99));
      }
    }
  }
}

TEST(PageFaultErrorCodeTest, AReservedBitCountsAsPresent) {
  EXPECT_TRUE(
      FaultFromErrorCode(kPfReserved | kPfUser, GuestAddr(0), GuestAddr(0))
          .was_present);
}

}  // namespace
}  // namespace faultline::x86
