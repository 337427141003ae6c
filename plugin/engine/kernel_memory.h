#ifndef FAULTLINE_PLUGIN_ENGINE_KERNEL_MEMORY_H_
#define FAULTLINE_PLUGIN_ENGINE_KERNEL_MEMORY_H_

// KernelMemory: what kernel code of the guest has as stacks and buffers. It is
// physical memory beyond the machine's RAM, so that no guest pays for it and no
// allocation of the guest's moves because of it; it grows as more kernel code
// is under way at once, and is kept.

#include <unicorn/unicorn.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "plugin/engine/cpu.h"

namespace faultline::engine {

class KernelMemory {
 public:
  // Some that nobody has, mapped into `uc`; to be given back.
  KernelContext::Memory Take(uc_engine* uc, Arch arch);
  void GiveBack(const KernelContext::Memory& memory);

  // True for a physical address of it.
  bool Holds(uint64_t physical) const;
  void ForEachBlock(const std::function<void(absl::Span<std::byte>)>& fn) const;

 private:
  void Grow(uc_engine* uc, Arch arch);

  struct Unmapper {
    void operator()(std::byte* block) const;
  };
  std::vector<std::unique_ptr<std::byte, Unmapper>> blocks_;
  std::vector<KernelContext::Memory> free_;
};

}  // namespace faultline::engine

#endif  // FAULTLINE_PLUGIN_ENGINE_KERNEL_MEMORY_H_
