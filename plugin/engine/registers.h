#ifndef FAULTLINE_PLUGIN_ENGINE_REGISTERS_H_
#define FAULTLINE_PLUGIN_ENGINE_REGISTERS_H_

#include <cstdint>
#include <variant>

#include "arch_arm64/registers.h"
#include "arch_x86/registers.h"

namespace faultline::engine {

enum class Arch : uint8_t { kX86, kArm64 };

// The shape of page tables, where a CPU has a choice.
enum class Paging : uint8_t {
  kUsual,       // pages of 4 KiB, four levels: 47 or 48 bits of user address
  kLa57,        // x86-64: five levels, 56 bits
  kGranule16K,  // arm64: pages of 16 KiB, 48 bits
  kGranule64K,  // arm64: pages of 64 KiB, 48 bits
};

// All user-visible registers of a task, of whichever architecture.
using RegisterFile = std::variant<x86::Registers, arm64::Registers>;

}  // namespace faultline::engine

#endif  // FAULTLINE_PLUGIN_ENGINE_REGISTERS_H_
