#include "arch_arm64/mem_access.h"

#include "arch_arm64/insn_fields.h"

namespace faultline::arm64 {
namespace {

using Reg = absl::FunctionRef<uint64_t(unsigned)>;
constexpr unsigned kSp = 31;

// Two's complement, as the address arithmetic wants it.
constexpr uint64_t Signed(uint32_t insn, int low, int count) {
  return uint64_t(SignedBits(insn, low, count));
}

unsigned Base(uint32_t insn) { return Bits(insn, 5, 5); }

MemAccess Plain(uint32_t insn, Reg reg, unsigned bytes, bool write) {
  return {reg(Base(insn)), bytes, write, Base(insn) != kSp};
}

MemAccess Indexed(MemAccess access) {
  access.tag_checked = true;
  return access;
}

// LD1 to LD4 and ST1 to ST4.
MemAccess Structures(uint32_t insn, Reg reg) {
  unsigned bytes = 0;
  if (Bit(insn, 24)) {  // one lane
    const unsigned opcode = Bits(insn, 13, 3);
    const unsigned elements = ((opcode & 1) << 1 | Bits(insn, 21, 1)) + 1;
    const unsigned half = opcode >> 1;
    const unsigned scale = half == 3                    ? Bits(insn, 10, 2)
                           : half == 2 && Bit(insn, 10) ? 3
                                                        : half;
    bytes = elements << scale;
  } else {
    constexpr unsigned kRegisters[16] = {4, 0, 4, 0, 3, 0, 3, 1, 2, 0, 2};
    bytes = kRegisters[Bits(insn, 12, 4)] * (Bit(insn, 30) ? 16 : 8);
  }
  const MemAccess access = Plain(insn, reg, bytes, !Bit(insn, 22));
  return Bit(insn, 23) ? Indexed(access) : access;
}

// LDXR, STXR, LDAR, STLR, CAS and their pairs.
MemAccess Exclusive(uint32_t insn, Reg reg) {
  const bool load = Bit(insn, 22), o1 = Bit(insn, 21), o2 = Bit(insn, 23);
  if (o1 && !o2) {  // a pair; of CASP if the top bit is clear
    return Plain(insn, reg, 8u << Bits(insn, 30, 1), !load || !Bit(insn, 31));
  }
  return Plain(insn, reg, 1u << Bits(insn, 30, 2), !load || o1);
}

std::optional<MemAccess> Pair(uint32_t insn, Reg reg) {
  const unsigned opc = Bits(insn, 30, 2), index = Bits(insn, 23, 2);
  if (opc == 1 && !Bit(insn, 26) && !Bit(insn, 22)) {  // STGP, a tag store
    return std::nullopt;
  }
  const unsigned scale = Bit(insn, 26) ? 2 + opc : 2 + (opc >> 1);
  MemAccess access = Plain(insn, reg, 2u << scale, !Bit(insn, 22));
  if (index != 1) {  // not post-indexed
    access.address += Signed(insn, 15, 7) << scale;
  }
  return (index & 1) != 0 ? Indexed(access) : access;
}

uint64_t Extended(uint32_t insn, Reg reg) {
  const unsigned m = Bits(insn, 16, 5);
  const uint64_t value = m == 31 ? 0 : reg(m);
  switch (Bits(insn, 13, 3)) {
    case 2:
      return uint32_t(value);
    case 6:
      return uint64_t(int64_t(int32_t(value)));
    default:
      return value;
  }
}

// A register of its own, plain or of vectors; and atomic operations.
std::optional<MemAccess> Single(uint32_t insn, Reg reg) {
  const bool vector = Bit(insn, 26);
  const unsigned size = Bits(insn, 30, 2), opc = Bits(insn, 22, 2);
  const unsigned scale = vector ? (opc & 2) << 1 | size : size;
  const bool load = vector ? (opc & 1) != 0 : opc != 0;
  // The same bits are an order in atomic operations.
  const bool prefetch =
      !vector && size == 3 && opc == 2 &&
      (Bit(insn, 24) || !Bit(insn, 21) || Bits(insn, 10, 2) == 2);
  if (prefetch) {
    return std::nullopt;
  }
  MemAccess access = Plain(insn, reg, 1u << scale, !load);
  if (Bit(insn, 24)) {
    access.address += uint64_t{Bits(insn, 10, 12)} << scale;
  } else if (!Bit(insn, 21)) {
    const unsigned index = Bits(insn, 10, 2);
    if (index != 1) {
      access.address += Signed(insn, 12, 9);
    }
    access.unprivileged = index == 2;
    return (index & 1) != 0 ? Indexed(access) : access;
  } else if (Bit(insn, 10)) {  // LDRAA, LDRAB
    const uint64_t offset = Signed(insn, 12, 9) & 0x1ff;
    access.bytes = 8;
    access.write = false;
    access.address += (Bit(insn, 22) ? offset | ~uint64_t{0x1ff} : offset) << 3;
    return Bit(insn, 11) ? Indexed(access) : access;
  } else if (Bits(insn, 10, 2) == 0) {  // LDADD and its like; LDAPR loads only
    access.bytes = 1u << size;
    access.write = Bits(insn, 12, 4) != 0xc;
    return access;
  } else {
    access.address += Extended(insn, reg) << (Bit(insn, 12) ? scale : 0);
    access = Indexed(access);
  }
  return access;
}

}  // namespace

std::optional<MemAccess> DecodeAccess(uint32_t insn, Reg reg) {
  if ((insn & ~0x1fu) == 0xd50b7420) {  // DC ZVA
    const unsigned t = Bits(insn, 0, 5);
    const uint64_t at = t == 31 ? 0 : reg(t);
    return MemAccess{.address = at & ~(kZvaBytes - 1),
                     .bytes = kZvaBytes,
                     .write = true,
                     .block = true,
                     .given = at};
  }
  if ((insn & 0xbe000000) == 0x0c000000) {
    return Structures(insn, reg);
  }
  if ((insn & 0x3f000000) == 0x08000000) {
    return Exclusive(insn, reg);
  }
  if ((insn & 0x3b000000) == 0x18000000) {  // LDR (literal)
    return MemAccess{.tag_checked = false};
  }
  if ((insn & 0x3f200c00) == 0x19000000) {  // LDAPUR, STLUR
    MemAccess access =
        Plain(insn, reg, 1u << Bits(insn, 30, 2), Bits(insn, 22, 2) == 0);
    access.address += Signed(insn, 12, 9);
    return access;
  }
  if ((insn & 0x3a000000) == 0x28000000) {
    return Pair(insn, reg);
  }
  if ((insn & 0x3a000000) == 0x38000000) {
    return Single(insn, reg);
  }
  return std::nullopt;
}

}  // namespace faultline::arm64
