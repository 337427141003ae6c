#include "plugin/engine/kernel_memory.h"

#include <sys/mman.h>

#include "guest_mm/base/check.h"
#include "plugin/engine/frame_window.h"

namespace faultline::engine {
namespace {

constexpr size_t kBufferBytes = 8192;
constexpr size_t kStackBytes = 8192;
constexpr size_t kPieceBytes = kBufferBytes + kStackBytes;
constexpr size_t kBlockPieces = 64;
constexpr size_t kBlockBytes = kBlockPieces * kPieceBytes;

}  // namespace

void KernelMemory::Unmapper::operator()(std::byte* block) const {
  munmap(block, kBlockBytes);
}

KernelContext::Memory KernelMemory::Take(uc_engine* uc, Arch arch) {
  if (free_.empty()) {
    Grow(uc, arch);
  }
  const KernelContext::Memory memory = free_.back();
  free_.pop_back();
  return memory;
}

void KernelMemory::GiveBack(const KernelContext::Memory& memory) {
  free_.push_back(memory);
}

void KernelMemory::ForEachBlock(
    const std::function<void(absl::Span<std::byte>)>& fn) const {
  for (const auto& block : blocks_) {
    fn({block.get(), kBlockBytes});
  }
}

bool KernelMemory::Holds(uint64_t physical) const {
  return physical - kKernelMemoryPhys < blocks_.size() * kBlockBytes;
}

void KernelMemory::Grow(uc_engine* uc, Arch arch) {
  void* const block = mmap(nullptr, kBlockBytes, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  FL_CHECK(block != MAP_FAILED);
  const uint64_t physical = kKernelMemoryPhys + blocks_.size() * kBlockBytes;
  // There is one already if our memory was put back to before it was made.
  (void)uc_mem_unmap(uc, physical, kBlockBytes);
  FL_CHECK(uc_mem_map_ptr(uc, physical, kBlockBytes,
                          UC_PROT_READ | UC_PROT_WRITE, block) == UC_ERR_OK);
  blocks_.emplace_back(static_cast<std::byte*>(block));
  for (size_t i = kBlockPieces; i-- > 0;) {
    std::byte* const host = blocks_.back().get() + i * kPieceBytes;
    const uint64_t address = FrameWindow(arch) + physical + i * kPieceBytes;
    free_.push_back({.buffer = {host, kBufferBytes},
                     .stack = {host + kBufferBytes, kStackBytes},
                     .buffer_address = address,
                     .stack_top = address + kPieceBytes});
  }
}

}  // namespace faultline::engine
