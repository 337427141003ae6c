#ifndef FAULTLINE_GUEST_MM_UFFD_HANDLE_USERFAULT_H_
#define FAULTLINE_GUEST_MM_UFFD_HANDLE_USERFAULT_H_

// A fault that another program is to resolve. Linux: fs/userfaultfd.c
// handle_userfault().

#include "guest_mm/fault/vm_fault.h"
#include "guest_mm/sync/point.h"

namespace faultline::mm {

// The fault can be read, mmap_lock is still held: who resolves it now wakes
// somebody who does not sleep yet.
inline constexpr PointSite kUffdRaisedPoint{"uffd.fault.raised"};
// A signal that does not kill has come, and there is no way back to it: the
// fault goes round until somebody resolves it.
inline constexpr PointSite kUffdSignalPoint{"uffd.fault.signal"};

enum class UffdReason : uint8_t { kMissing, kWp, kMinor };

// Waits until somebody says that the page is as it should be. mmap_lock is held
// for reading, no other lock. kRetry: it has been given back, look again.
// kBusError: whoever it is cannot be made to wait (UFFD_FEATURE_SIGBUS,
// UFFD_USER_MODE_ONLY, an exiting task, one who must keep mmap_lock). kDone:
// the descriptor is being closed.
VmFaultResult HandleUserfault(VmFault& f, UffdReason reason);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_UFFD_HANDLE_USERFAULT_H_
