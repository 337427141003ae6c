#ifndef FAULTLINE_ARCH_X86_REGISTERS_H_
#define FAULTLINE_ARCH_X86_REGISTERS_H_

// The user-visible state of an x86-64 CPU, as a plain value: what a fork
// copies, a signal frame stores and a debugger shows.

#include <array>
#include <cstdint>

namespace faultline::x86 {

// Index into Registers::gpr: the hardware's numbering (SDM vol. 2, REX.B).
enum Gpr : uint8_t {
  kRax, kRcx, kRdx, kRbx, kRsp, kRbp, kRsi, kRdi,
  kR8, kR9, kR10, kR11, kR12, kR13, kR14, kR15
};

struct Registers {
  std::array<uint64_t, 16> gpr{};
  uint64_t rip = 0;
  uint64_t rflags = 0x202;
  uint64_t fs_base = 0;
  uint64_t gs_base = 0;
  // FXSAVE image (SDM vol. 1, "FXSAVE Area"): x87, MXCSR, XMM0-15.
  alignas(16) std::array<uint8_t, 512> fxsave{};
};

}  // namespace faultline::x86

#endif  // FAULTLINE_ARCH_X86_REGISTERS_H_
