#ifndef FAULTLINE_PLUGIN_ENGINE_REGISTERS_H_
#define FAULTLINE_PLUGIN_ENGINE_REGISTERS_H_

#include <cstdint>
#include <variant>

#include "arch_arm64/registers.h"
#include "arch_x86/registers.h"

namespace faultline::engine {

enum class Arch : uint8_t { kX86, kArm64 };

// All user-visible registers of a task, of whichever architecture.
using RegisterFile = std::variant<x86::Registers, arm64::Registers>;

}  // namespace faultline::engine

#endif  // FAULTLINE_PLUGIN_ENGINE_REGISTERS_H_
