#ifndef FAULTLINE_ARCH_X86_TRAP_H_
#define FAULTLINE_ARCH_X86_TRAP_H_

// Exceptions as x86 tells them: the #PF error code against the neutral fault,
// and the vector numbers that a signal frame shows.
// SDM vol. 3, "Page-Fault Exception"; Linux: arch/x86/include/asm/trap_pf.h.

#include <cstdint>

#include "guest_mm/fault/fault.h"

namespace faultline::x86 {

enum Vector : uint8_t {
  kDivideError = 0,
  kDebug = 1,
  kBreakpoint = 3,
  kInvalidOpcode = 6,
  kStackSegment = 12,
  kGeneralProtection = 13,
  kPageFault = 14,
  kX87FloatingPoint = 16,
  kAlignmentCheck = 17,
  kSimdFloatingPoint = 19,
};

// Bits of the error code.
enum PageFaultBit : uint64_t {
  kPfPresent = 1 << 0,  // a present entry forbade it
  kPfWrite = 1 << 1,
  kPfUser = 1 << 2,
  kPfReserved = 1 << 3,  // a reserved bit was set in an entry
  kPfFetch = 1 << 4,
};

uint64_t PageFaultErrorCode(const mm::Fault& fault);
// The fault that error code, CR2 and program counter tell of. A reserved bit
// counts as present, as in the hardware.
mm::Fault FaultFromErrorCode(uint64_t code, mm::GuestAddr cr2,
                             mm::GuestAddr pc);

}  // namespace faultline::x86

#endif  // FAULTLINE_ARCH_X86_TRAP_H_
