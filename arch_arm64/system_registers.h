#ifndef FAULTLINE_ARCH_ARM64_SYSTEM_REGISTERS_H_
#define FAULTLINE_ARCH_ARM64_SYSTEM_REGISTERS_H_

// System registers that trap at EL0 and that the kernel answers for: the ID
// registers (HWCAP_CPUID, Linux: Documentation/arm64/cpu-feature-registers.rst
// and emulate_mrs()), and the virtual counter, which shows virtual time.

#include <cstdint>

#include "arch_arm64/registers.h"

namespace faultline::arm64 {

// CNTFRQ_EL0: the rate of the virtual counter.
inline constexpr uint64_t kCounterHz = 62'500'000;

// Does the trapped instruction `insn` on `regs`, with virtual time at
// `now_ns`, and steps over it. False: not one of these, nothing has changed,
// and the instruction is undefined for a user.
bool EmulateSystemRegister(uint32_t insn, uint64_t now_ns, Registers& regs);

}  // namespace faultline::arm64

#endif  // FAULTLINE_ARCH_ARM64_SYSTEM_REGISTERS_H_
