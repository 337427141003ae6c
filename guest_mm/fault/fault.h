#ifndef FAULTLINE_GUEST_MM_FAULT_FAULT_H_
#define FAULTLINE_GUEST_MM_FAULT_FAULT_H_

// Fault: a page fault as any architecture would tell it. PageFaultOutcome: the
// generic handler's final answer, which says what to do: never a bit mask to
// decode, never a lock to drop, never "retry".
// Linux: vm_fault_reason and the tails of arch/*/mm/fault.c; the outcome is
// the page_fault_retval proposed on linux-mm in 2023.

#include <cstdint>
#include <string>

#include "guest_mm/base/access.h"
#include "guest_mm/base/addr.h"

namespace faultline::mm {

struct Fault {
  GuestAddr address{};  // untagged
  Access access = Access::kRead;
  Mode mode = Mode::kUser;
  // The entry was present and forbade the access (x86: error code bit 0).
  bool was_present = false;
  GuestAddr pc{};
  GuestAddr sp{};  // for architectures with a stack rule
  // False: nobody may be asked for the page who could take for ever
  // (userfaultfd); fixup_user_fault() without `unlocked`.
  bool may_retry = true;
};

struct PageFaultOutcome {
  enum class Kind : uint8_t {
    kDone,         // resolved: run the instruction again
    kBadArea,      // SIGSEGV, SEGV_MAPERR
    kAccessError,  // SIGSEGV, SEGV_ACCERR
    kPkeyError,    // SIGSEGV, SEGV_PKUERR
    kBusError,     // SIGBUS, BUS_ADRERR: beyond the file's end, a failed read
    kHwPoison,     // SIGBUS, BUS_MCEERR_AR with `lsb`
    kKernelFixup,  // kernel mode and nothing to resolve: exception table
    kSignal,       // a signal is pending: it comes before the instruction
    kOutOfMemory,  // user mode: no frame; the process dies
  };
  Kind kind = Kind::kDone;
  uint8_t lsb = 0;     // kHwPoison: log2 of the poisoned extent in bytes
  bool major = false;  // it waited for a backing store
  bool handled() const { return kind == Kind::kDone; }
};

const char* ToString(PageFaultOutcome::Kind kind);
// Three letters, then the address: "uwp 0x7f12": user or kernel; r, w or x;
// p if the entry was present and forbade it.
std::string ToString(const Fault& f);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_FAULT_FAULT_H_
