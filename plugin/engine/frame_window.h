#ifndef FAULTLINE_PLUGIN_ENGINE_FRAME_WINDOW_H_
#define FAULTLINE_PLUGIN_ENGINE_FRAME_WINDOW_H_

// The linear mapping of physical memory in the kernel's half, where Linux has
// its own: base + physical address.

#include <cstdint>

#include "plugin/engine/registers.h"

namespace faultline::engine {

// The engine's own pages, whatever the guest's granule is.
inline constexpr uint64_t kEnginePageBytes = 4096;

constexpr uint64_t FrameWindow(Arch arch) {
  return arch == Arch::kX86 ? 0xffff888000000000 : 0xffff000000000000;
}

// Physical memory that is not the machine's RAM.
//
// Pages that are there but that nobody may touch.
inline constexpr uint64_t kPoisonPhys = uint64_t{1} << 46;
// The RAM once more, so that each access to it asks (tag_window.cc).
inline constexpr uint64_t kTagCheckedPhys = uint64_t{1} << 44;
// Stacks and buffers of kernel code, which no guest pays for.
inline constexpr uint64_t kKernelMemoryPhys = uint64_t{1} << 45;

}  // namespace faultline::engine

#endif  // FAULTLINE_PLUGIN_ENGINE_FRAME_WINDOW_H_
