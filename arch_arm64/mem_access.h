#ifndef FAULTLINE_ARCH_ARM64_MEM_ACCESS_H_
#define FAULTLINE_ARCH_ARM64_MEM_ACCESS_H_

// What a load or store is about to touch, from the instruction and the
// registers before it. Arm ARM, section C4.1.94 ("Loads and Stores") and the
// pages of the instructions.

#include <cstdint>
#include <optional>

#include "absl/functional/function_ref.h"

namespace faultline::arm64 {

struct MemAccess {
  uint64_t address = 0;  // as the instruction makes it, tag included
  unsigned bytes = 0;    // of a pair or a structure: of all of it
  bool write = false;    // it stores, or may
  // Its tag is looked at. It is not if the base is the program counter, or the
  // stack pointer that is neither indexed by a register nor changed
  // (`tagchecked = wback || n != 31`).
  bool tag_checked = true;
  bool unprivileged = false;  // LDTR, STTR: as a program would
  // DC ZVA: a fault tells the address as given, not the block's.
  bool block = false;
  uint64_t given = 0;

  // From one page of 4 KiB to the next.
  bool CrossesPage() const { return address % 4096 + bytes > 4096; }
};

// `reg` has the value of X0 to X30, and the stack pointer for 31. Nothing: the
// instruction accesses no memory, or is not known (SVE).
std::optional<MemAccess> DecodeAccess(
    uint32_t insn, absl::FunctionRef<uint64_t(unsigned)> reg);

}  // namespace faultline::arm64

#endif  // FAULTLINE_ARCH_ARM64_MEM_ACCESS_H_
