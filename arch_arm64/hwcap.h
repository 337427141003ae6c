#ifndef FAULTLINE_ARCH_ARM64_HWCAP_H_
#define FAULTLINE_ARCH_ARM64_HWCAP_H_

// AT_HWCAP and AT_HWCAP2: what the CPU can do, told to a program at its start.
// C libraries choose their string functions and atomics by it.
// Linux: arch/arm64/include/uapi/asm/hwcap.h.
//
// Agrees with the ID registers of system_registers.h, which agree with the
// engine's CPU model less what a user cannot have: SVE (not enabled), pointer
// authentication (no keys: its hint forms are no-ops), BTI (not enforced),
// RNDR (would show the host). MTE is ours, beside the engine.

#include <cstdint>

namespace faultline::arm64 {

enum Hwcap : uint64_t {
  kHwcapFp = 1 << 0,
  kHwcapAsimd = 1 << 1,
  kHwcapAes = 1 << 3,
  kHwcapPmull = 1 << 4,
  kHwcapSha1 = 1 << 5,
  kHwcapSha2 = 1 << 6,
  kHwcapCrc32 = 1 << 7,
  kHwcapAtomics = 1 << 8,
  kHwcapFphp = 1 << 9,
  kHwcapAsimdhp = 1 << 10,
  kHwcapCpuid = 1 << 11,
  kHwcapAsimdrdm = 1 << 12,
  kHwcapJscvt = 1 << 13,
  kHwcapFcma = 1 << 14,
  kHwcapLrcpc = 1 << 15,
  kHwcapDcpop = 1 << 16,
  kHwcapSha3 = 1 << 17,
  kHwcapSm3 = 1 << 18,
  kHwcapSm4 = 1 << 19,
  kHwcapAsimddp = 1 << 20,
  kHwcapSha512 = 1 << 21,
  kHwcapAsimdfhm = 1 << 23,
  kHwcapIlrcpc = 1 << 26,
  kHwcapFlagm = 1 << 27,
  kHwcapSb = 1 << 29,
};
enum Hwcap2 : uint64_t {
  kHwcap2Dcpodp = 1 << 0,
  kHwcap2Flagm2 = 1 << 7,
  kHwcap2Frint = 1 << 8,
  kHwcap2Mte = 1 << 18,
  kHwcap2Mte3 = 1 << 22,  // asymmetric mode
};

inline constexpr uint64_t kHwcap =
    kHwcapFp | kHwcapAsimd | kHwcapAes | kHwcapPmull | kHwcapSha1 | kHwcapSha2 |
    kHwcapCrc32 | kHwcapAtomics | kHwcapFphp | kHwcapAsimdhp | kHwcapCpuid |
    kHwcapAsimdrdm | kHwcapJscvt | kHwcapFcma | kHwcapLrcpc | kHwcapDcpop |
    kHwcapSha3 | kHwcapSm3 | kHwcapSm4 | kHwcapAsimddp | kHwcapSha512 |
    kHwcapAsimdfhm | kHwcapIlrcpc | kHwcapFlagm | kHwcapSb;
inline constexpr uint64_t kHwcap2 =
    kHwcap2Dcpodp | kHwcap2Flagm2 | kHwcap2Frint | kHwcap2Mte | kHwcap2Mte3;

}  // namespace faultline::arm64

#endif  // FAULTLINE_ARCH_ARM64_HWCAP_H_
