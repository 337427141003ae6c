#ifndef FAULTLINE_ARCH_ARM64_REGISTERS_H_
#define FAULTLINE_ARCH_ARM64_REGISTERS_H_

// The EL0-visible state of an arm64 CPU, as a plain value: what a fork copies,
// a signal frame stores and a debugger shows.

#include <array>
#include <cstdint>

namespace faultline::arm64 {

struct Registers {
  std::array<uint64_t, 31> x{};  // x30 is the link register
  uint64_t sp = 0;
  uint64_t pc = 0;
  uint64_t pstate = 0;  // SPSR_EL1 layout; EL0 is 0
  uint64_t tpidr_el0 = 0;
  std::array<std::array<uint64_t, 2>, 32> v{};  // low half first
  uint32_t fpcr = 0;
  uint32_t fpsr = 0;
};

}  // namespace faultline::arm64

#endif  // FAULTLINE_ARCH_ARM64_REGISTERS_H_
