#ifndef FAULTLINE_PLUGIN_ENGINE_FRAME_WINDOW_H_
#define FAULTLINE_PLUGIN_ENGINE_FRAME_WINDOW_H_

// Where physical memory can be made visible in the kernel's half, so that the
// engine can be told of a frame by an address: base + physical address. Linux
// has its linear mapping there.

#include <cstdint>

#include "plugin/engine/registers.h"

namespace faultline::engine {

// The engine's own pages, whatever the guest's granule is.
inline constexpr uint64_t kEnginePageBytes = 4096;

constexpr uint64_t FrameWindow(Arch arch) {
  return arch == Arch::kX86 ? 0xffff888000000000 : 0xffff000000000000;
}

}  // namespace faultline::engine

#endif  // FAULTLINE_PLUGIN_ENGINE_FRAME_WINDOW_H_
