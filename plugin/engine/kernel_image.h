#ifndef FAULTLINE_PLUGIN_ENGINE_KERNEL_IMAGE_H_
#define FAULTLINE_PLUGIN_ENGINE_KERNEL_IMAGE_H_

// KernelImage: the guest kernel image of an architecture, as embedded in this
// program, and where its routines are. images/README.md tells what they do;
// images/kernel/header.h is the layout read here.

#include <cstddef>
#include <cstdint>

#include "absl/types/span.h"
#include "plugin/engine/registers.h"

namespace faultline::engine {

struct KernelImage {
  absl::Span<const std::byte> bytes;
  // Guest virtual addresses. Code is [base, data), the rest [data, end).
  uint64_t base, data, end;
  uint64_t boot, enter_user, flush_pages;
  uint64_t gdt;  // x86 only, else 0
  uint64_t stack_top;

  static const KernelImage& Of(Arch arch);
};

}  // namespace faultline::engine

#endif  // FAULTLINE_PLUGIN_ENGINE_KERNEL_IMAGE_H_
