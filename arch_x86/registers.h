#ifndef FAULTLINE_ARCH_X86_REGISTERS_H_
#define FAULTLINE_ARCH_X86_REGISTERS_H_

// The user-visible state of an x86-64 CPU, as a plain value: what a fork
// copies, a signal frame stores and a debugger shows.

#include <array>
#include <cstdint>

namespace faultline::x86 {

// Index into Registers::gpr: the hardware's numbering (SDM vol. 2, REX.B).
enum Gpr : uint8_t {
  kRax,
  kRcx,
  kRdx,
  kRbx,
  kRsp,
  kRbp,
  kRsi,
  kRdi,
  kR8,
  kR9,
  kR10,
  kR11,
  kR12,
  kR13,
  kR14,
  kR15
};

using FxsaveArea = std::array<uint8_t, 512>;

// As FNINIT and a new program's first instruction find it: exceptions masked,
// 64-bit precision (FCW 0x37f, MXCSR 0x1f80, all registers empty and zero).
constexpr FxsaveArea InitialFxsave() {
  FxsaveArea a{};
  a[0] = 0x7f;
  a[1] = 0x03;
  a[24] = 0x80;
  a[25] = 0x1f;
  a[28] = 0xff;  // MXCSR_MASK
  a[29] = 0xff;
  return a;
}

struct Registers {
  std::array<uint64_t, 16> gpr{};
  uint64_t rip = 0;
  uint64_t rflags = 0x202;
  uint64_t fs_base = 0;
  uint64_t gs_base = 0;
  // FXSAVE image (SDM vol. 1, "FXSAVE Area"): x87, MXCSR, XMM0-15.
  alignas(16) FxsaveArea fxsave = InitialFxsave();
};

}  // namespace faultline::x86

#endif  // FAULTLINE_ARCH_X86_REGISTERS_H_
