#ifndef FAULTLINE_PLUGIN_ENGINE_KERNEL_IMAGE_H_
#define FAULTLINE_PLUGIN_ENGINE_KERNEL_IMAGE_H_

// KernelImage: the guest kernel image of an architecture, as embedded in this
// program, and where its routines are. images/README.md tells what they do;
// images/kernel/header.h is the layout read here.

#include <cstddef>
#include <cstdint>

#include "absl/types/span.h"
#include "images/kernel/routines.h"
#include "plugin/engine/registers.h"

namespace faultline::engine {

// images/kernel/uaccess.h says what each does.
enum class KernelRoutine : uint8_t {
#define FAULTLINE_ROUTINE(name, symbol) name,
  KERNEL_ROUTINES(FAULTLINE_ROUTINE)
#undef FAULTLINE_ROUTINE
      kCount
};

// "copy_to_user".
const char* SymbolOf(KernelRoutine routine);

struct KernelImage {
  // Where `instruction` faults and nothing can be done, `fixup` is next.
  struct Exception {
    uint64_t instruction, fixup;
  };

  absl::Span<const std::byte> bytes;
  // Guest virtual addresses. Code is [base, data), the rest [data, end).
  uint64_t base, data, end;
  uint64_t boot, enter_user, flush_pages;
  uint64_t gdt;  // x86 only, else 0
  uint64_t stack_top;
  uint64_t kernel_return;  // where a routine returns to: stops the engine
  absl::Span<const uint64_t> routines;  // by KernelRoutine
  absl::Span<const Exception> exceptions;

  uint64_t address(KernelRoutine routine) const {
    return routines[size_t(routine)];
  }
  // Where to go on after a fault at `pc` that nothing can be done about; 0: it
  // was not to be expected there.
  uint64_t FixupOf(uint64_t pc) const;

  static const KernelImage& Of(Arch arch);
};

}  // namespace faultline::engine

#endif  // FAULTLINE_PLUGIN_ENGINE_KERNEL_IMAGE_H_
