#ifndef FAULTLINE_ARCH_ARM64_TRAP_H_
#define FAULTLINE_ARCH_ARM64_TRAP_H_

// Exceptions as arm64 tells them: ESR_EL1 and FAR_EL1 against the neutral
// fault. Arm ARM D17.2, "ESR_EL1", tables of EC and of DFSC/IFSC;
// Linux: arch/arm64/include/asm/esr.h.

#include <cstdint>

#include "guest_mm/fault/fault.h"

namespace faultline::arm64 {

// Exception classes, ESR_EL1.EC.
enum ExceptionClass : uint8_t {
  kEcUnknown = 0x00,  // undefined instruction
  kEcSystemRegister = 0x18,
  kEcInstructionAbortLower = 0x20,  // from EL0
  kEcInstructionAbort = 0x21,       // from EL1
  kEcPcAlignment = 0x22,
  kEcDataAbortLower = 0x24,
  kEcDataAbort = 0x25,
  kEcSpAlignment = 0x26,
  kEcBreakpoint = 0x3c,  // BRK
};

// Fault status codes, the low six bits: the kind, plus the level in the lowest
// two for those that have one.
enum FaultStatus : uint8_t {
  kFscTranslation = 0x04,
  kFscAccessFlag = 0x08,
  kFscPermission = 0x0c,
  kFscTagCheck = 0x11,
  kFscAlignment = 0x21,
  kFscTranslationAboveRoot = 0x2b,  // level -1, of tables for 52 bits
};

// The syndrome of `fault`, whose walk ended at Arm's lookup level `level` (-1
// or 0 the root, 3 the pages). FAR_EL1 is the address as accessed, tag and all.
uint64_t Syndrome(const mm::Fault& fault, int level);
// Of an access whose pointer had another tag than the memory.
uint64_t TagFaultSyndrome(const mm::Fault& fault);
// Of a data access whose address is not a multiple of what it must be.
uint64_t AlignmentSyndrome(const mm::Fault& fault);
// Syndrome of an exception of class `ec` without more to say than `iss`.
constexpr uint64_t Syndrome(ExceptionClass ec, uint32_t iss = 0) {
  constexpr uint64_t kIl = 1 << 25;  // a 32-bit instruction
  return uint64_t{ec} << 26 | kIl | iss;
}
// The fault that a syndrome, the untagged FAR and the program counter tell of;
// `esr` is of one of the four abort classes.
mm::Fault FaultFromSyndrome(uint64_t esr, mm::GuestAddr far, mm::GuestAddr pc);

}  // namespace faultline::arm64

#endif  // FAULTLINE_ARCH_ARM64_TRAP_H_
