#ifndef FAULTLINE_ARCH_ARM64_SIGNAL_FRAME_H_
#define FAULTLINE_ARCH_ARM64_SIGNAL_FRAME_H_

// The stack frame of a signal handler, byte for byte as Linux lays it out, and
// the way back. Linux: arch/arm64/kernel/signal.c setup_rt_frame() and
// restore_sigframe(). Pure: takes registers and inputs, gives bytes to write
// and registers to load.
//
// From high to low addresses: frame record (x29, x30) | siginfo, ucontext with
// its records: fpsimd_context, esr_context after a fault, terminator.
//
// arch_x86/signal_frame.h is the same for the other architecture.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/types/span.h"
#include "arch_arm64/registers.h"
#include "guest_mm/base/errno.h"

namespace faultline::arm64 {

// AT_MINSIGSTKSZ: the frame, its record and its worst alignment.
inline constexpr uint64_t kMinSignalStack = 4720;

// stack_t, as sigaltstack(2) left it.
struct AltStack {
  static constexpr uint32_t kDisable = 2;            // SS_DISABLE
  static constexpr uint32_t kAutodisarm = 1u << 31;  // SS_AUTODISARM
  uint64_t base = 0;
  uint32_t flags = kDisable;
  uint64_t size = 0;
};

struct SignalRequest {
  int signo = 0;
  uint64_t handler = 0;
  uint64_t restorer = 0;  // SA_RESTORER's, or the vDSO's __kernel_rt_sigreturn
  bool siginfo = false;   // SA_SIGINFO: copy `info` out, pass x1 and x2
  std::array<std::byte, 128> info{};  // siginfo_t
  uint64_t mask = 0;                  // restored by sigreturn
  AltStack alt_stack;                 // goes into the frame
  bool switch_stack = false;          // start at the top of alt_stack
  uint64_t fault_address = 0;         // of the task's last fault
  uint64_t esr = 0;                   // 0: none, and no esr_context
};

struct UserBytes {
  uint64_t address;
  std::vector<std::byte> bytes;
};

struct SignalFrame {
  std::vector<UserBytes> memory;  // to be written before the handler runs
  Registers registers;            // to be loaded then
};

// Never fails; a stack too small faults when it is written.
ErrnoOr<SignalFrame> BuildSignalFrame(const Registers& interrupted,
                                      const SignalRequest& request);

struct SignalReturn {
  Registers registers;
  uint64_t mask = 0;
  AltStack alt_stack;
};

// Reads user memory; false: not all of it could be read.
using ReadUser = absl::FunctionRef<bool(uint64_t, absl::Span<std::byte>)>;

// rt_sigreturn with `current` registers: the frame is at the stack pointer.
// kEFAULT: unreadable, misaligned, records that are not well formed, no
// floating-point state, or a PSTATE that is not EL0's.
ErrnoOr<SignalReturn> ParseSignalFrame(const Registers& current, ReadUser read);

}  // namespace faultline::arm64

#endif  // FAULTLINE_ARCH_ARM64_SIGNAL_FRAME_H_
