#ifndef FAULTLINE_PLUGIN_ENGINE_X86_FPU_H_
#define FAULTLINE_PLUGIN_ENGINE_X86_FPU_H_

// The x87 and SSE state between the engine's registers and the 512-byte FXSAVE
// area (SDM vol. 1, "FXSAVE Area", 64-bit form).

#include <unicorn/unicorn.h>

#include <array>
#include <cstdint>

namespace faultline::engine {

void ReadFxsave(uc_engine* uc, std::array<uint8_t, 512>& out);
// Any 512 bytes will do: reserved MXCSR bits are dropped.
void WriteFxsave(uc_engine* uc, const std::array<uint8_t, 512>& in);

}  // namespace faultline::engine

#endif  // FAULTLINE_PLUGIN_ENGINE_X86_FPU_H_
