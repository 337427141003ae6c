#ifndef FAULTLINE_GUEST_MM_VMA_MTE_H_
#define FAULTLINE_GUEST_MM_VMA_MTE_H_

// Mappings whose memory is tagged (arm64's Memory Tagging Extension). Linux:
// arch/arm64/include/asm/mman.h, Documentation/arch/arm64/
// memory-tagging-extension.rst. Where an architecture has no tags, nothing here
// is ever set.

#include <cstdint>

#include "guest_mm/arch_ops.h"
#include "guest_mm/vma/vma_flags.h"

namespace faultline::mm {

// PROT_MTE, of mmap(2) and mprotect(2). It can be given, not taken back.
inline constexpr uint64_t kProtMte = 0x20;

// arch_calc_vm_prot_bits().
inline VmaFlags MteOfProt(const ArchOps& arch, uint64_t prot) {
  const bool tagged = arch.geometry().memory_tags && (prot & kProtMte) != 0;
  return VmaFlags().set(VmaFlag::kMte, tagged);
}

// For memory that may have tags: anonymous memory, the heap, the stack, shmem.
inline VmaFlags MteAllowed(const ArchOps& arch) {
  return VmaFlags().set(VmaFlag::kMteAllowed, arch.geometry().memory_tags);
}

// arch_validate_flags().
inline bool IsMteValid(VmaFlags flags) {
  return !flags.has(VmaFlag::kMte) || flags.has(VmaFlag::kMteAllowed);
}

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_VMA_MTE_H_
