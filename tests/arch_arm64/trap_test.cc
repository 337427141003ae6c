#include "arch_arm64/trap.h"

#include <gtest/gtest.h>

namespace faultline::arm64 {
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

TEST(SyndromeTest, IsWhatTheCpuWouldReport) {
  // As seen in esr_context on a real kernel.
  EXPECT_EQ(Syndrome(Make(Access::kRead, Mode::kUser, false), 0), 0x92000004u);
  EXPECT_EQ(Syndrome(Make(Access::kWrite, Mode::kUser, false), 2), 0x92000046u);
  EXPECT_EQ(Syndrome(Make(Access::kWrite, Mode::kUser, true), 3), 0x9200004fu);
  EXPECT_EQ(Syndrome(Make(Access::kExec, Mode::kUser, true), 3), 0x8200000fu);
  EXPECT_EQ(Syndrome(Make(Access::kRead, Mode::kKernel, false), 3),
            0x96000007u);
  EXPECT_EQ(Syndrome(Make(Access::kRead, Mode::kUser, false), -1), 0x9200002bu);
  EXPECT_EQ(AlignmentSyndrome(Make(Access::kWrite, Mode::kUser, true)),
            0x92000061u);
  EXPECT_EQ(TagFaultSyndrome(Make(Access::kRead, Mode::kKernel, true)),
            0x96000011u);
  EXPECT_EQ(Syndrome(kEcBreakpoint, 7), 0xf2000007u);
}

TEST(SyndromeTest, EveryFaultComesBackFromItsSyndrome) {
  for (Access a : {Access::kRead, Access::kWrite, Access::kExec}) {
    for (Mode m : {Mode::kUser, Mode::kKernel}) {
      for (bool present : {false, true}) {
        for (int level = 0; level <= 3; ++level) {
          const Fault f = Make(a, m, present);
          const Fault g =
              FaultFromSyndrome(Syndrome(f, level), f.address, GuestAddr(0x99));
          EXPECT_EQ(g.access, a);
          EXPECT_EQ(g.mode, m);
          EXPECT_EQ(g.was_present, present);
          EXPECT_EQ(g.address, f.address);
          EXPECT_EQ(g.pc, GuestAddr(0x99));
        }
      }
    }
  }
}

TEST(SyndromeDeathTest, OnlyAbortsAreFaults) {
  EXPECT_DEATH(
      FaultFromSyndrome(Syndrome(kEcBreakpoint), GuestAddr(0), GuestAddr(0)),
      "broken invariant");
}

}  // namespace
}  // namespace faultline::arm64
