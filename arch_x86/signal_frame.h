#ifndef FAULTLINE_ARCH_X86_SIGNAL_FRAME_H_
#define FAULTLINE_ARCH_X86_SIGNAL_FRAME_H_

// The stack frame of a signal handler, byte for byte as Linux lays it out, and
// the way back. Linux: arch/x86/kernel/signal_64.c x64_setup_rt_frame() and
// restore_sigcontext(), arch/x86/kernel/fpu/signal.c. Pure: takes registers
// and inputs, gives bytes to write and registers to load.
//
// From high to low addresses: red zone | FXSAVE area (64-byte aligned) |
// siginfo, ucontext, return address. Our CPU has no XSAVE, so uc_flags lacks
// UC_FP_XSTATE and the FXSAVE area is all of the floating-point state.
//
// arch_arm64/signal_frame.h is the same for the other architecture.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/types/span.h"
#include "arch_x86/registers.h"
#include "guest_mm/base/errno.h"

namespace faultline::x86 {

// AT_MINSIGSTKSZ: the frame with its worst alignment.
inline constexpr uint64_t kMinSignalStack = 1040;

// stack_t, as sigaltstack(2) left it.
struct AltStack {
  static constexpr uint32_t kDisable = 2;            // SS_DISABLE
  static constexpr uint32_t kAutodisarm = 1u << 31;  // SS_AUTODISARM
  uint64_t base = 0;
  uint32_t flags = kDisable;
  uint64_t size = 0;
  // True if `sp` is on it (on_sig_stack(); an auto-disarmed one never is).
  bool Holds(uint64_t sp) const {
    return (flags & kAutodisarm) == 0 && sp > base && sp - base <= size;
  }
};

struct SignalRequest {
  int signo = 0;
  uint64_t handler = 0;
  uint64_t restorer = 0;              // SA_RESTORER's; 0: none given
  bool siginfo = false;               // SA_SIGINFO: copy `info` out
  std::array<std::byte, 128> info{};  // siginfo_t
  uint64_t mask = 0;                  // restored by sigreturn
  AltStack alt_stack;                 // goes into the frame
  bool switch_stack = false;          // start at the top of alt_stack
  uint64_t trap_number = 0;           // of the task's last exception
  uint64_t error_code = 0;
  uint64_t cr2 = 0;
};

struct UserBytes {
  uint64_t address;
  std::vector<std::byte> bytes;
};

struct SignalFrame {
  std::vector<UserBytes> memory;  // to be written before the handler runs
  Registers registers;            // to be loaded then
};

// kEFAULT: no restorer (x86-64 has no other way back), or the frame would run
// over the end of the alternate stack it is on.
ErrnoOr<SignalFrame> BuildSignalFrame(const Registers& interrupted,
                                      const SignalRequest& request);

struct SignalReturn {
  Registers registers;
  uint64_t mask = 0;
  AltStack alt_stack;
};

// Reads user memory; false: not all of it could be read.
using ReadUser = absl::FunctionRef<bool(uint64_t, absl::Span<std::byte>)>;

// rt_sigreturn with `current` registers: finds the frame from the stack
// pointer. kEFAULT: unreadable, or not a frame that 64-bit code can return to.
ErrnoOr<SignalReturn> ParseSignalFrame(const Registers& current, ReadUser read);

}  // namespace faultline::x86

#endif  // FAULTLINE_ARCH_X86_SIGNAL_FRAME_H_
