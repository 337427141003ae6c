// Registers to and from the body of a g packet.

#include <algorithm>
#include <array>
#include <cstring>

#include "plugin/gdb/register_set.h"

namespace faultline::gdb {
namespace {

using engine::Arch;

class Packer {
 public:
  explicit Packer(std::string* out) : out_(*out) {}
  void Value(const void* value, size_t bytes) {
    out_.append(static_cast<const char*>(value), bytes);
  }
  template <typename T>
  void Field(const T& value) {
    Value(&value, sizeof value);
  }

 private:
  std::string& out_;
};

// There are enough bytes: who makes one has looked.
class Unpacker {
 public:
  explicit Unpacker(std::string_view in) : in_(in) {}
  void Value(void* value, size_t bytes) {
    std::memcpy(value, in_.data(), bytes);
    in_.remove_prefix(bytes);
  }
  template <typename T>
  void Field(T& value) {
    Value(&value, sizeof value);
  }

 private:
  std::string_view in_;
};

constexpr x86::Gpr kGdbOrder[] = {x86::kRax, x86::kRbx, x86::kRcx, x86::kRdx,
                                  x86::kRsi, x86::kRdi, x86::kRbp, x86::kRsp,
                                  x86::kR8,  x86::kR9,  x86::kR10, x86::kR11,
                                  x86::kR12, x86::kR13, x86::kR14, x86::kR15};
// As Linux's user mode has them: cs, ss, and none.
constexpr std::array<uint32_t, 6> kSelectors = {0x33, 0x2b, 0, 0, 0, 0};

// What Linux lets a debugger change of them (arch/x86/kernel/ptrace.c,
// FLAG_MASK): CF, PF, AF, ZF, SF, TF, DF, OF, RF, AC.
constexpr uint64_t kChangeableFlags = 0x50dd5;

// SDM vol. 1, "FXSAVE Area": the fields that gdb calls fctrl, fstat, ftag,
// fiseg, fioff, foseg, fooff, fop, in its order.
struct FxField {
  size_t at, bytes;
};
constexpr FxField kFxFields[] = {{0, 2}, {2, 2},  {4, 1},  {12, 2},
                                 {8, 4}, {20, 2}, {16, 4}, {6, 2}};
constexpr size_t kFtag = 2;  // which of them is abridged there
constexpr size_t kMxcsr = 24, kSt = 32, kXmm = 160;
constexpr size_t kStBytes = 10, kFxSlot = 16;

// SDM vol. 1, "x87 FPU Tag Word": of a register that is not empty.
unsigned TagOfX87(const uint8_t* st) {
  uint64_t mantissa = 0;
  std::memcpy(&mantissa, st, sizeof mantissa);
  const unsigned exponent = unsigned(st[8] | st[9] << 8) & 0x7fff;
  if (exponent == 0) {
    return mantissa == 0 ? 1 : 2;
  }
  return exponent != 0x7fff && mantissa >> 63 != 0 ? 0 : 2;
}

// The tag word from its abridged form, which says only what is empty.
uint32_t FullTags(const x86::FxsaveArea& fx) {
  const unsigned top = fx[3] >> 3 & 7;
  uint32_t tags = 0;
  for (unsigned i = 0; i < 8; ++i) {
    const unsigned stack = (i - top) & 7;  // ST(n) of physical register i
    const bool used = (fx[4] >> i & 1) != 0;
    tags |= (used ? TagOfX87(&fx[kSt + stack * kFxSlot]) : 3u) << (2 * i);
  }
  return tags;
}

uint8_t AbridgedTags(uint32_t tags) {
  uint8_t used = 0;
  for (unsigned i = 0; i < 8; ++i) {
    used |= uint8_t(((tags >> (2 * i) & 3) != 3 ? 1u : 0u) << i);
  }
  return used;
}

std::string PackX86(const x86::Registers& r, const ExtraRegisters& extra) {
  std::string out;
  Packer p(&out);
  for (const x86::Gpr gpr : kGdbOrder) {
    p.Field(r.gpr[gpr]);
  }
  p.Field(r.rip);
  p.Field(uint32_t(r.rflags));
  p.Field(kSelectors);
  for (size_t i = 0; i < 8; ++i) {
    p.Value(&r.fxsave[kSt + i * kFxSlot], kStBytes);
  }
  for (size_t i = 0; i < std::size(kFxFields); ++i) {
    uint32_t value = 0;
    std::memcpy(&value, &r.fxsave[kFxFields[i].at], kFxFields[i].bytes);
    p.Field(i == kFtag ? FullTags(r.fxsave) : value);
  }
  p.Value(&r.fxsave[kXmm], 16 * kFxSlot);
  p.Value(&r.fxsave[kMxcsr], sizeof(uint32_t));
  p.Field(extra.call);
  p.Field(r.fs_base);
  p.Field(r.gs_base);
  return out;
}

void UnpackX86(std::string_view bytes, x86::Registers* r) {
  Unpacker u(bytes);
  for (const x86::Gpr gpr : kGdbOrder) {
    u.Field(r->gpr[gpr]);
  }
  u.Field(r->rip);
  uint32_t flags = 0;
  u.Field(flags);
  r->rflags = (r->rflags & ~kChangeableFlags) | (flags & kChangeableFlags);
  auto selectors = kSelectors;
  u.Field(selectors);
  for (size_t i = 0; i < 8; ++i) {
    u.Value(&r->fxsave[kSt + i * kFxSlot], kStBytes);
  }
  for (size_t i = 0; i < std::size(kFxFields); ++i) {
    uint32_t value = 0;
    u.Field(value);
    value = i == kFtag ? AbridgedTags(value) : value;
    std::memcpy(&r->fxsave[kFxFields[i].at], &value, kFxFields[i].bytes);
  }
  u.Value(&r->fxsave[kXmm], 16 * kFxSlot);
  u.Value(&r->fxsave[kMxcsr], sizeof(uint32_t));
  uint64_t call = 0;
  u.Field(call);
  u.Field(r->fs_base);
  u.Field(r->gs_base);
}

std::string PackArm64(const arm64::Registers& r, const ExtraRegisters& extra) {
  std::string out;
  Packer p(&out);
  p.Field(r.x);
  p.Field(r.sp);
  p.Field(r.pc);
  p.Field(uint32_t(r.pstate));
  p.Field(r.v);
  p.Field(r.fpsr);
  p.Field(r.fpcr);
  p.Field(r.tpidr_el0);
  p.Field(extra.tag_control);
  return out;
}

void UnpackArm64(std::string_view bytes, arm64::Registers* r) {
  Unpacker u(bytes);
  u.Field(r->x);
  u.Field(r->sp);
  u.Field(r->pc);
  uint32_t pstate = 0;
  u.Field(pstate);
  r->pstate = pstate;
  u.Field(r->v);
  u.Field(r->fpsr);
  u.Field(r->fpcr);
  u.Field(r->tpidr_el0);
}

}  // namespace

std::string PackRegisters(const engine::RegisterFile& regs,
                          const ExtraRegisters& extra) {
  const auto* const r = std::get_if<x86::Registers>(&regs);
  return r != nullptr ? PackX86(*r, extra)
                      : PackArm64(std::get<arm64::Registers>(regs), extra);
}

bool UnpackRegisters(std::string_view bytes, engine::RegisterFile* regs) {
  auto* const r = std::get_if<x86::Registers>(regs);
  const RegisterSlot last =
      RegisterSlots(r != nullptr ? Arch::kX86 : Arch::kArm64).back();
  if (bytes.size() < last.offset + last.bytes) {
    return false;
  }
  if (r != nullptr) {
    UnpackX86(bytes, r);
  } else {
    UnpackArm64(bytes, &std::get<arm64::Registers>(*regs));
  }
  return true;
}

}  // namespace faultline::gdb
