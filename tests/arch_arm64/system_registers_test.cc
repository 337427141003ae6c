#include "arch_arm64/system_registers.h"

#include <gtest/gtest.h>

#include "arch_arm64/hwcap.h"

namespace faultline::arm64 {
namespace {

constexpr uint32_t Mrs(uint32_t op1, uint32_t crn, uint32_t crm, uint32_t op2,
                       uint32_t rt) {
  return 0xd5380000 | op1 << 16 | crn << 12 | crm << 8 | op2 << 5 | rt;
}

uint64_t ReadId(uint32_t crm, uint32_t op2) {
  Registers r;
  EXPECT_TRUE(EmulateSystemRegister(Mrs(0, 0, crm, op2, 5), 0, r));
  EXPECT_EQ(r.pc, 4u);
  return r.x[5];
}
uint64_t Field(uint64_t id, int shift) { return id >> shift & 0xf; }

TEST(SystemRegistersTest, HiddenFieldsReadAsLinuxShowsThem) {
  // Seen on a real kernel (6.12).
  EXPECT_EQ(ReadId(0, 5), 0x80000000u);               // MPIDR_EL1
  EXPECT_EQ(ReadId(0, 6), 0u);                        // REVIDR_EL1
  EXPECT_EQ(ReadId(5, 0), 6u);                        // ID_AA64DFR0_EL1
  EXPECT_EQ(ReadId(4, 0) & 0xffff, 0x11u);            // ID_AA64PFR0_EL1
  EXPECT_EQ(ReadId(7, 0) & 0xffffffff, 0xff000000u);  // ID_AA64MMFR0_EL1
  EXPECT_EQ(ReadId(2, 0), 0u);                        // AArch32's
}

TEST(SystemRegistersTest, IdRegistersAndHwcapsTellTheSame) {
  const uint64_t isar0 = ReadId(6, 0), isar1 = ReadId(6, 1);
  const uint64_t pfr0 = ReadId(4, 0), pfr1 = ReadId(4, 1);
  auto has = [](uint64_t bit) { return (kHwcap & bit) != 0; };
  auto has2 = [](uint64_t bit) { return (kHwcap2 & bit) != 0; };
  EXPECT_EQ(has(kHwcapAes), Field(isar0, 4) >= 1);
  EXPECT_EQ(has(kHwcapPmull), Field(isar0, 4) >= 2);
  EXPECT_EQ(has(kHwcapSha1), Field(isar0, 8) >= 1);
  EXPECT_EQ(has(kHwcapSha2), Field(isar0, 12) >= 1);
  EXPECT_EQ(has(kHwcapSha512), Field(isar0, 12) >= 2);
  EXPECT_EQ(has(kHwcapCrc32), Field(isar0, 16) >= 1);
  EXPECT_EQ(has(kHwcapAtomics), Field(isar0, 20) >= 2);
  EXPECT_EQ(has(kHwcapAsimdrdm), Field(isar0, 28) >= 1);
  EXPECT_EQ(has(kHwcapSha3), Field(isar0, 32) >= 1);
  EXPECT_EQ(has(kHwcapSm3), Field(isar0, 36) >= 1);
  EXPECT_EQ(has(kHwcapSm4), Field(isar0, 40) >= 1);
  EXPECT_EQ(has(kHwcapAsimddp), Field(isar0, 44) >= 1);
  EXPECT_EQ(has(kHwcapAsimdfhm), Field(isar0, 48) >= 1);
  EXPECT_EQ(has(kHwcapFlagm), Field(isar0, 52) >= 1);
  EXPECT_EQ(has2(kHwcap2Flagm2), Field(isar0, 52) >= 2);
  EXPECT_EQ(Field(isar0, 60), 0u) << "RNDR would show the host";
  EXPECT_EQ(has(kHwcapDcpop), Field(isar1, 0) >= 1);
  EXPECT_EQ(has2(kHwcap2Dcpodp), Field(isar1, 0) >= 2);
  EXPECT_EQ(has(kHwcapJscvt), Field(isar1, 12) >= 1);
  EXPECT_EQ(has(kHwcapFcma), Field(isar1, 16) >= 1);
  EXPECT_EQ(has(kHwcapLrcpc), Field(isar1, 20) >= 1);
  EXPECT_EQ(has(kHwcapIlrcpc), Field(isar1, 20) >= 2);
  EXPECT_EQ(has2(kHwcap2Frint), Field(isar1, 32) >= 1);
  EXPECT_EQ(has(kHwcapSb), Field(isar1, 36) >= 1);
  EXPECT_EQ(has(kHwcapFphp), Field(pfr0, 16) == 1);
  EXPECT_EQ(has(kHwcapAsimdhp), Field(pfr0, 20) == 1);
  EXPECT_EQ(Field(pfr0, 32), 0u) << "no SVE";
  EXPECT_EQ(has2(kHwcap2Mte), Field(pfr1, 8) >= 2);
  EXPECT_EQ(has2(kHwcap2Mte3), Field(pfr1, 8) >= 3);
}

TEST(SystemRegistersTest, TheCounterShowsVirtualTime) {
  Registers r;
  EXPECT_TRUE(EmulateSystemRegister(Mrs(3, 14, 0, 2, 7), 1'000'000'000, r));
  EXPECT_EQ(r.x[7], kCounterHz);
  EXPECT_TRUE(EmulateSystemRegister(Mrs(3, 14, 0, 0, 7), 0, r));
  EXPECT_EQ(r.x[7], kCounterHz);
}

TEST(SystemRegistersTest, TheZeroRegisterTakesNothing) {
  Registers r;
  r.sp = 5;
  EXPECT_TRUE(EmulateSystemRegister(Mrs(0, 0, 6, 0, 31), 0, r));
  EXPECT_EQ(r.x, Registers().x);
  EXPECT_EQ(r.sp, 5u);
  EXPECT_EQ(r.pc, 4u);
}

TEST(SystemRegistersTest, OthersAreUndefinedAndChangeNothing) {
  for (const uint32_t insn : {
           Mrs(0, 1, 0, 0, 0),    // SCTLR_EL1
           Mrs(0, 0, 1, 0, 0),    // ID_PFR0_EL1: not emulated
           Mrs(0, 0, 0, 1, 0),    // CRm 0, op2 1
           Mrs(3, 2, 4, 0, 0),    // RNDR
           Mrs(3, 9, 13, 0, 0),   // PMCCNTR_EL0
           0xd5180000u | 6 << 8,  // msr id_aa64isar0_el1, x0
           0xd503201fu,           // nop
       }) {
    Registers r;
    EXPECT_FALSE(EmulateSystemRegister(insn, 0, r)) << std::hex << insn;
    EXPECT_EQ(r.pc, 0u);
  }
}

}  // namespace
}  // namespace faultline::arm64
