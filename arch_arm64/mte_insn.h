#ifndef FAULTLINE_ARCH_ARM64_MTE_INSN_H_
#define FAULTLINE_ARCH_ARM64_MTE_INSN_H_

// The instructions of the Memory Tagging Extension (FEAT_MTE, FEAT_MTE2) that
// EL0 may use, as values; and the arithmetic of tags. Arm ARM, sections C6.2
// (each instruction's page) and D10 (the Memory Tagging Extension).

#include <cstdint>
#include <optional>

namespace faultline::arm64 {

// The bytes that one tag is for, and where a pointer has its own.
inline constexpr uint64_t kTagGranule = 16;
inline constexpr int kTagShift = 56;

constexpr uint8_t TagOf(uint64_t pointer) {
  return uint8_t(pointer >> kTagShift & 0xf);
}
constexpr uint64_t WithTag(uint64_t pointer, uint8_t tag) {
  return (pointer & ~(uint64_t{0xf} << kTagShift)) | uint64_t(tag) << kTagShift;
}
// Without the byte that hardware ignores, bit 55 repeated in its place.
constexpr uint64_t WithoutTag(uint64_t pointer) {
  return uint64_t(int64_t(pointer << 8) >> 8);
}

struct MteInsn {
  enum class Kind : uint8_t {
    kIrg,   // Xd = Xn with a tag drawn, of those that Xm does not exclude
    kGmi,   // Xd = Xm and the bit of Xn's tag
    kAddg,  // Xd = Xn + offset, `tag` tags on
    kSubg,
    kSubp,   // Xd = Xn - Xm as addresses
    kSubps,  // and the flags
    kLdg,    // Xt's tag from memory
    kStg,    // Xt's tag to memory
    kStgp,   // and the words Xt, Xt2
    kDcGva,  // Xt's tag to a block of memory
    kDcGzva,
  };
  enum class Index : uint8_t { kNone, kPre, kPost };

  Kind kind = Kind::kIrg;
  Index index = Index::kNone;
  // 31 is the stack pointer or zero, as the instruction's page says.
  uint8_t d = 0, n = 0, m = 0;  // of memory instructions: Xt, Xn, Xt2
  uint8_t tag = 0;              // kAddg, kSubg: uimm4
  int64_t offset = 0;           // in bytes
  // kStg: STG, STZG, ST2G, STZ2G.
  uint8_t granules = 1;
  bool zero = false;
};

// Nothing: it is not one of them.
std::optional<MteInsn> DecodeMte(uint32_t insn);

// MSR and MRS of PSTATE.TCO, which EL0 may use.
struct TcoInsn {
  enum class Kind : uint8_t { kRead, kWrite, kImmediate };
  Kind kind = Kind::kRead;
  uint8_t value = 0;  // the register, or what kImmediate writes
};
std::optional<TcoInsn> DecodeTco(uint32_t insn);
inline constexpr uint64_t kPstateTco = 1 << 25;

// ChooseNonExcludedTag(): `offset` tags on from `tag` among those whose bits
// `exclude` lacks; 0 if it has all.
uint8_t ChooseTag(uint8_t tag, unsigned offset, uint16_t exclude);

}  // namespace faultline::arm64

#endif  // FAULTLINE_ARCH_ARM64_MTE_INSN_H_
