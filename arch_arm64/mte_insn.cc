#include "arch_arm64/mte_insn.h"

#include "arch_arm64/insn_fields.h"

namespace faultline::arm64 {
namespace {

// What is the same for all: bits 4..0, 9..5 and 20..16.
MteInsn Plain(MteInsn::Kind kind, uint32_t insn) {
  MteInsn i;
  i.kind = kind;
  i.d = uint8_t(Bits(insn, 0, 5));
  i.n = uint8_t(Bits(insn, 5, 5));
  i.m = uint8_t(Bits(insn, 16, 5));
  return i;
}

// ADDG, SUBG: "Add/subtract (immediate, with tags)".
std::optional<MteInsn> DecodeAdd(uint32_t insn) {
  if (Bits(insn, 14, 2) != 0) {
    return std::nullopt;
  }
  MteInsn i = Plain(
      Bits(insn, 30, 1) == 0 ? MteInsn::Kind::kAddg : MteInsn::Kind::kSubg,
      insn);
  i.offset = int64_t(Bits(insn, 16, 6) * kTagGranule);
  i.tag = uint8_t(Bits(insn, 10, 4));
  return i;
}

// "Load/store memory tags".
std::optional<MteInsn> DecodeTagAccess(uint32_t insn) {
  const uint32_t op1 = Bits(insn, 22, 2), op2 = Bits(insn, 10, 2);
  const auto offset = int64_t(SignedBits(insn, 12, 9) * int64_t(kTagGranule));
  if (op2 == 0) {  // LDG; the others transfer many tags, and are EL1's
    if (op1 != 1) {
      return std::nullopt;
    }
    MteInsn i = Plain(MteInsn::Kind::kLdg, insn);
    i.offset = offset;
    return i;
  }
  MteInsn i = Plain(MteInsn::Kind::kStg, insn);
  i.offset = offset;
  i.zero = (op1 & 1) != 0;
  i.granules = (op1 & 2) != 0 ? 2 : 1;
  i.index = op2 == 1   ? MteInsn::Index::kPost
            : op2 == 3 ? MteInsn::Index::kPre
                       : MteInsn::Index::kNone;
  return i;
}

// STGP: "Load/store register pair" of opc 01 that stores.
std::optional<MteInsn> DecodePair(uint32_t insn) {
  MteInsn i = Plain(MteInsn::Kind::kStgp, insn);
  i.m = uint8_t(Bits(insn, 10, 5));
  i.offset = int64_t(SignedBits(insn, 15, 7) * int64_t(kTagGranule));
  switch (Bits(insn, 23, 2)) {
    case 1:
      i.index = MteInsn::Index::kPost;
      return i;
    case 2:
      return i;
    case 3:
      i.index = MteInsn::Index::kPre;
      return i;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<MteInsn> DecodeMte(uint32_t insn) {
  using Kind = MteInsn::Kind;
  if ((insn & 0xbfc00000) == 0x91800000) {
    return DecodeAdd(insn);
  }
  if ((insn & 0xff200000) == 0xd9200000) {
    return DecodeTagAccess(insn);
  }
  if ((insn & 0xfe400000) == 0x68000000) {
    return DecodePair(insn);
  }
  switch (insn & 0xffe0fc00) {
    case 0x9ac01000:
      return Plain(Kind::kIrg, insn);
    case 0x9ac01400:
      return Plain(Kind::kGmi, insn);
    case 0x9ac00000:
      return Plain(Kind::kSubp, insn);
    case 0xbac00000:
      return Plain(Kind::kSubps, insn);
    default:
      break;
  }
  switch (insn & ~0x1fu) {
    case 0xd50b7460:
      return Plain(Kind::kDcGva, insn);
    case 0xd50b7480:
      return Plain(Kind::kDcGzva, insn);
    default:
      return std::nullopt;
  }
}

std::optional<TcoInsn> DecodeTco(uint32_t insn) {
  if ((insn & 0xfffff0ff) == 0xd503409f) {
    return TcoInsn{TcoInsn::Kind::kImmediate, uint8_t(Bits(insn, 8, 4))};
  }
  const auto rt = uint8_t(Bits(insn, 0, 5));
  switch (insn & ~0x1fu) {
    case 0xd51b42e0:
      return TcoInsn{TcoInsn::Kind::kWrite, rt};
    case 0xd53b42e0:
      return TcoInsn{TcoInsn::Kind::kRead, rt};
    default:
      return std::nullopt;
  }
}

uint8_t ChooseTag(uint8_t tag, unsigned offset, uint16_t exclude) {
  if (exclude == 0xffff) {
    return 0;
  }
  const auto excluded = [exclude](uint8_t t) {
    return (exclude >> t & 1) != 0;
  };
  const auto skip = [&] {
    while (excluded(tag)) {
      tag = (tag + 1) & 0xf;
    }
  };
  if (offset == 0) {
    skip();
  }
  for (; offset != 0; --offset) {
    tag = (tag + 1) & 0xf;
    skip();
  }
  return tag;
}

}  // namespace faultline::arm64
