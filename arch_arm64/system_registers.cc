#include "arch_arm64/system_registers.h"

#include <optional>

namespace faultline::arm64 {
namespace {

// Nanoseconds of one count.
constexpr uint64_t kCounterPeriodNs = 1'000'000'000 / kCounterHz;

// MRS Xt, (op0, op1, CRn, CRm, op2): bits 31..20 are 1101 0101 0011.
// (op0 2, bit 19 clear, is debug registers.)
bool IsMrs(uint32_t insn) { return insn >> 19 == 0xd53 * 2 + 1; }

// A register's encoding as the instruction has it, bits 19..5.
constexpr uint32_t Id(uint32_t op0, uint32_t op1, uint32_t crn, uint32_t crm,
                      uint32_t op2) {
  return (op0 & 1) << 14 | op1 << 11 | crn << 7 | crm << 3 | op2;
}

// A field of an ID register, named by its lowest bit.
constexpr uint64_t F(int shift, uint64_t value) { return value << shift; }

// What a user sees: the features the engine has and Linux would show, hidden
// fields at their safe values. 0 for the rest of the ID space.
uint64_t IdRegister(uint32_t id) {
  switch (id) {
    case Id(3, 0, 0, 0, 0):  // MIDR_EL1: no implementer's, "all features"
      return 0x000f0510;
    case Id(3, 0, 0, 0, 5):  // MPIDR_EL1: RES1
      return uint64_t{1} << 31;
    case Id(3, 0, 0, 4, 0):  // ID_AA64PFR0_EL1: EL0, EL1, FP and SIMD with half
      return F(0, 1) | F(4, 1) | F(16, 1) | F(20, 1);
    case Id(3, 0, 0, 4, 1):  // ID_AA64PFR1_EL1: MTE with asymmetric mode
      return F(8, 3);
    case Id(3, 0, 0, 5, 0):  // ID_AA64DFR0_EL1: debug architecture 8
      return F(0, 6);
    case Id(3, 0, 0, 6, 0):  // ID_AA64ISAR0_EL1
      return F(4, 2) /*AES, PMULL*/ | F(8, 1) /*SHA1*/ | F(12, 2) /*SHA512*/ |
             F(16, 1) /*CRC32*/ | F(20, 2) /*LSE*/ | F(28, 1) /*RDM*/ |
             F(32, 1) /*SHA3*/ | F(36, 1) /*SM3*/ | F(40, 1) /*SM4*/ |
             F(44, 1) /*DP*/ | F(48, 1) /*FHM*/ | F(52, 2) /*FLAGM2*/;
    case Id(3, 0, 0, 6, 1):  // ID_AA64ISAR1_EL1
      return F(0, 2) /*DCPODP*/ | F(12, 1) /*JSCVT*/ | F(16, 1) /*FCMA*/ |
             F(20, 2) /*ILRCPC*/ | F(32, 1) /*FRINT*/ | F(36, 1) /*SB*/;
    case Id(3, 0, 0, 7, 0):  // ID_AA64MMFR0_EL1: granules are not told
      return F(24, 0xf) | F(28, 0xf);
    default:
      return 0;
  }
}

// The space that Linux emulates: CRm 0 and 2 to 7 of op1 0, CRn 0; of CRm 0
// only MIDR, MPIDR and REVIDR.
bool IsIdRegister(uint32_t id) {
  const uint32_t crm = id >> 3 & 0xf, op2 = id & 7;
  if (id != Id(3, 0, 0, crm, op2) || crm == 1 || crm > 7) {
    return false;
  }
  return crm != 0 || op2 == 0 || op2 == 5 || op2 == 6;
}

std::optional<uint64_t> Read(uint32_t id, uint64_t now_ns) {
  switch (id) {
    case Id(3, 3, 14, 0, 0):  // CNTFRQ_EL0
      return kCounterHz;
    case Id(3, 3, 14, 0, 2):  // CNTVCT_EL0
      return now_ns / kCounterPeriodNs;
    default:
      if (IsIdRegister(id)) {
        return IdRegister(id);
      }
      return std::nullopt;
  }
}

}  // namespace

bool EmulateSystemRegister(uint32_t insn, uint64_t now_ns, Registers& regs) {
  if (!IsMrs(insn)) {
    return false;
  }
  const std::optional<uint64_t> value = Read(insn >> 5 & 0x7fff, now_ns);
  if (!value) {
    return false;
  }
  if (const uint32_t rt = insn & 31; rt != 31) {  // XZR
    regs.x[rt] = *value;
  }
  regs.pc += 4;
  return true;
}

}  // namespace faultline::arm64
