#ifndef FAULTLINE_ARCH_X86_HWCAP_H_
#define FAULTLINE_ARCH_X86_HWCAP_H_

// AT_HWCAP and AT_HWCAP2: what the CPU can do, told to a program at its start.
// Must agree with the engine's CPU model; a test of the engine compares.

#include <cstdint>

namespace faultline::x86 {

// CPUID leaf 1's EDX, as Linux passes it on.
inline constexpr uint64_t kHwcap = 0x078bfbfd;
// Ring-3 MWAIT and FSGSBASE: neither.
inline constexpr uint64_t kHwcap2 = 0;

}  // namespace faultline::x86

#endif  // FAULTLINE_ARCH_X86_HWCAP_H_
