#ifndef FAULTLINE_ARCH_ARM64_INSN_FIELDS_H_
#define FAULTLINE_ARCH_ARM64_INSN_FIELDS_H_

// Fields of an A64 instruction, for its decoders.

#include <cstdint>

namespace faultline::arm64 {

// Bits `low` and up, so many of them.
constexpr uint32_t Bits(uint32_t insn, int low, int count) {
  return insn >> low & ((1u << count) - 1);
}
constexpr bool Bit(uint32_t insn, int at) { return (insn >> at & 1) != 0; }

// The signed field of `count` bits from `low` on.
constexpr int64_t SignedBits(uint32_t insn, int low, int count) {
  return int64_t(int32_t(insn << (32 - low - count)) >> (32 - count));
}

// What DC ZVA and its kin do at once (DCZID_EL0.BS).
inline constexpr uint64_t kZvaBytes = 64;

}  // namespace faultline::arm64

#endif  // FAULTLINE_ARCH_ARM64_INSN_FIELDS_H_
