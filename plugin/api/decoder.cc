#include "plugin/api/decoder.h"

#include <capstone/capstone.h>

#include <memory>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "arch_arm64/mem_access.h"
#include "guest_mm/base/check.h"

namespace faultline::api {
namespace {

struct FreeInsn {
  void operator()(cs_insn* insn) const { cs_free(insn, 1); }
};
using InsnPtr = std::unique_ptr<cs_insn, FreeInsn>;

InsnPtr First(csh handle, absl::Span<const uint8_t> code, uint64_t pc) {
  cs_insn* insn = nullptr;
  cs_disasm(handle, code.data(), code.size(), pc, 1, &insn);
  return InsnPtr(insn);
}

bool SignExtends(std::string_view mnemonic) {
  for (const std::string_view start :
       {"movsx", "pmovsx", "ldrs", "ldurs", "ldtrs", "ldapurs"}) {
    if (mnemonic.starts_with(start)) {
      return true;
    }
  }
  return false;
}

// A pair of registers, or a vector of 16 bytes: QEMU makes one access of it
// where it can. (LDNP is a pair, and so is what ends in "xp", exclusively.)
bool Joins(engine::Arch arch, const cs_insn& insn) {
  const std::string_view mnemonic = insn.mnemonic;
  if (arch == engine::Arch::kArm64) {
    return mnemonic.starts_with("ldp") || mnemonic.starts_with("stp") ||
           mnemonic.starts_with("ldnp") || mnemonic.starts_with("stnp") ||
           mnemonic.starts_with("ldr") || mnemonic.starts_with("str") ||
           mnemonic.starts_with("ldur") || mnemonic.starts_with("stur");
  }
  const cs_x86& x86 = insn.detail->x86;
  for (uint8_t i = 0; i < x86.op_count; ++i) {
    if (x86.operands[i].type == X86_OP_MEM && x86.operands[i].size == 16) {
      return true;
    }
  }
  return false;
}

// By Capstone's name of it; all of it, whichever part is meant.
uint64_t X86Value(const x86::Registers& r, unsigned reg, uint64_t next_pc) {
  switch (reg) {
    case X86_REG_RIP:
      return next_pc;
    case X86_REG_RAX:
      return r.gpr[x86::kRax];
    case X86_REG_EAX:
      return uint32_t(r.gpr[x86::kRax]);
    case X86_REG_RBX:
      return r.gpr[x86::kRbx];
    case X86_REG_RCX:
      return r.gpr[x86::kRcx];
    case X86_REG_RDX:
      return r.gpr[x86::kRdx];
    case X86_REG_RSP:
      return r.gpr[x86::kRsp];
    case X86_REG_RBP:
      return r.gpr[x86::kRbp];
    case X86_REG_RSI:
      return r.gpr[x86::kRsi];
    case X86_REG_RDI:
      return r.gpr[x86::kRdi];
    default:
      return reg >= X86_REG_R8 && reg <= X86_REG_R15
                 ? r.gpr[x86::kR8 + (reg - X86_REG_R8)]
                 : 0;
  }
}

}  // namespace

Decoder::Decoder(engine::Arch arch) : arch_(arch) {
  const cs_err err =
      arch == engine::Arch::kX86
          ? cs_open(CS_ARCH_X86, CS_MODE_64, &handle_)
          : cs_open(CS_ARCH_ARM64, CS_MODE_LITTLE_ENDIAN, &handle_);
  FL_CHECK(err == CS_ERR_OK);
  cs_option(handle_, CS_OPT_DETAIL, CS_OPT_ON);
}

Decoder::~Decoder() { cs_close(&handle_); }

std::vector<Decoder::Insn> Decoder::Split(absl::Span<const uint8_t> code,
                                          uint64_t pc) const {
  std::vector<Insn> out;
  while (!code.empty()) {
    const InsnPtr insn = First(handle_, code, pc);
    Insn i;
    if (insn != nullptr) {
      i.sign_extends = SignExtends(insn->mnemonic);
      i.joins = Joins(arch_, *insn);
      const std::string_view mnemonic = insn->mnemonic;
      i.iterates = arch_ == engine::Arch::kX86 && mnemonic.starts_with("rep");
      i.silent = mnemonic == "dc";
    }
    if (arch_ == engine::Arch::kArm64) {
      i.bytes = uint32_t(std::min<size_t>(code.size(), 4));
    } else {
      i.bytes = insn != nullptr ? insn->size : uint32_t(code.size());
    }
    out.push_back(i);
    code.remove_prefix(i.bytes);
    pc += i.bytes;
  }
  return out;
}

std::string Decoder::Text(absl::Span<const uint8_t> code, uint64_t pc) const {
  const InsnPtr insn = First(handle_, code, pc);
  if (insn == nullptr) {
    return "";
  }
  return insn->op_str[0] == 0 ? insn->mnemonic
                              : absl::StrCat(insn->mnemonic, " ", insn->op_str);
}

std::vector<uint64_t> Decoder::Operands(
    absl::Span<const uint8_t> code, uint64_t pc,
    const engine::RegisterFile& regs) const {
  std::vector<uint64_t> out;
  if (const auto* a = std::get_if<arm64::Registers>(&regs)) {
    uint32_t word = 0;
    std::copy_n(code.data(), std::min(code.size(), sizeof word),
                reinterpret_cast<uint8_t*>(&word));
    const auto access = arm64::DecodeAccess(
        word, [a](unsigned r) { return r == 31 ? a->sp : a->x[r]; });
    if (access.has_value()) {
      constexpr uint64_t kTopByte = uint64_t{0xff} << 56;
      out.push_back(access->address & ~kTopByte);
    }
    return out;
  }
  const auto& r = std::get<x86::Registers>(regs);
  const InsnPtr insn = First(handle_, code, pc);
  if (insn != nullptr) {
    const cs_x86& x86 = insn->detail->x86;
    for (uint8_t i = 0; i < x86.op_count; ++i) {
      const x86_op_mem& m = x86.operands[i].mem;
      if (x86.operands[i].type != X86_OP_MEM) {
        continue;
      }
      uint64_t at = uint64_t(m.disp) + X86Value(r, m.base, pc + insn->size) +
                    X86Value(r, m.index, 0) * uint64_t(m.scale);
      at += m.segment == X86_REG_FS   ? r.fs_base
            : m.segment == X86_REG_GS ? r.gs_base
                                      : 0;
      out.push_back(at);
    }
  }
  constexpr uint64_t kPush = 8;
  const uint64_t sp = r.gpr[x86::kRsp];
  out.insert(out.end(), {sp - kPush, sp, r.gpr[x86::kRsi], r.gpr[x86::kRdi]});
  return out;
}

}  // namespace faultline::api
