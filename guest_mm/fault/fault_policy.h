#ifndef FAULTLINE_GUEST_MM_FAULT_FAULT_POLICY_H_
#define FAULTLINE_GUEST_MM_FAULT_FAULT_POLICY_H_

// FaultPolicy: where architectures differ in how they judge a fault, as data.
// Linux keeps these rules in arch/*/mm/fault.c, one copy each; the generic
// HandlePageFault() reads them from here. (The rules and their sources:
// docs/life_of_a_fault.md.)

#include <cstdint>

#include "guest_mm/base/addr.h"
#include "guest_mm/vma/vma_flags.h"

namespace faultline::mm {

// What an error of handle_mm_fault() comes to. kBug: the code does not know of
// it, BUG(); else the kinds of PageFaultOutcome by these names.
enum class ErrorIs : uint8_t {
  kBadArea,
  kAccessError,
  kBusError,
  kHwPoison,
  kBug
};

struct FaultPolicy {
  // The VMA must have at least one of these for the access to be allowed.
  VmaFlags read_needs;   // x86: R|W|X (any); arm64: R (or W, or X without EPAN)
  VmaFlags write_needs;  // W
  VmaFlags exec_needs;   // X
  ErrorIs sigsegv = ErrorIs::kBadArea;    // VM_FAULT_SIGSEGV
  ErrorIs hwpoison = ErrorIs::kHwPoison;  // VM_FAULT_HWPOISON
  // Kernel code that is killed while it waits for a page goes back to the
  // access, not to its fix-up, and faults for ever: ten architectures up to
  // 6.2.
  bool kill_returns = false;
  // A user access under this is a bad area without a look at the VMAs.
  GuestAddr lowest_user_address;
  // Stack growth is refused this far below the stack pointer; 0: no such rule
  // (x86 dropped its rule in 4.20, arm64 never had one, m68k has 256).
  uint64_t stack_slack = 0;
  // Pages mapped around a fault, not yet touched, count as accessed. arm64
  // sets the bit in hardware and leaves it to tell (arch_wants_old_...()).
  bool prefaulted_young = true;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_FAULT_FAULT_POLICY_H_
