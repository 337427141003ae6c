#ifndef FAULTLINE_PLUGIN_ENGINE_TRAP_H_
#define FAULTLINE_PLUGIN_ENGINE_TRAP_H_

// Trap: why the CPU came back from user (or guest kernel) mode. The program
// counter is in the registers: on the instruction for everything that can be
// restarted, after it for kSyscall and kBreakpoint as the hardware leaves it.

#include <cstdint>

#include "guest_mm/base/access.h"
#include "guest_mm/base/addr.h"

namespace faultline::engine {

struct Trap {
  enum class Kind : uint8_t {
    kSyscall,
    kPageFault,      // address, access, mode, was_present
    kTagFault,       // arm64: a tag check failed; as kPageFault, to the byte
    kUndefined,      // unknown instruction: SIGILL
    kBreakpoint,     // x86: int3 (PC after); arm64: BRK (PC on), imm in `code`
    kSingleStep,     // x86: #DB
    kDivide,         // x86: #DE
    kFloatingPoint,  // x86: #MF, #XM; arm64: trapped FP exception
    kProtection,     // x86: #GP, #SS, #NP: `code` is the error code
    kAlignment,      // x86: #AC; arm64: of the PC, with kExec, or of data, with
                     // the byte and the access
    kSystemRegister,  // arm64: trapped MRS/MSR/SYS at EL0; `code`: instruction
    kSlice,           // the block budget of Run() is used up
    kStopped,         // Stop() was called
    kEngineFailure,   // ours, not the guest's: `code` is the uc_err
  };
  Kind kind = Kind::kStopped;
  mm::Mode mode = mm::Mode::kUser;
  mm::Access access = mm::Access::kRead;
  bool was_present = false;
  // kPageFault: the start of the 4 KiB that the access needs; the byte itself
  // is Cpu::LocateFault()'s to find.
  mm::GuestAddr address;     // raw_address, untagged
  uint64_t raw_address = 0;  // as the instruction made it, tag included
  uint64_t code = 0;
};

const char* ToString(Trap::Kind kind);

}  // namespace faultline::engine

#endif  // FAULTLINE_PLUGIN_ENGINE_TRAP_H_
