#ifndef FAULTLINE_GUEST_MM_GUP_ACCESS_REMOTE_VM_H_
#define FAULTLINE_GUEST_MM_GUP_ACCESS_REMOTE_VM_H_

// Reading and writing the memory of a space that is not the running one's, as a
// debugger does. Linux: mm/memory.c access_remote_vm().

#include <cstddef>

#include "absl/types/span.h"
#include "guest_mm/base/addr.h"

namespace faultline::mm {

class AddressSpace;

// Does it obey the mappings' rights? kIgnored is FOLL_FORCE: what may not be
// written to is copied first, if it is private.
enum class RemoteRights : uint8_t { kObeyed, kIgnored };

// Copies from `a` on, as far as it can be reached; returns the bytes copied. A
// stack grows for it. mmap_lock is taken for reading, and kept through waits;
// nothing is copied if the caller is being killed.
size_t ReadRemoteVm(AddressSpace& mm, GuestAddr a, absl::Span<std::byte> to,
                    RemoteRights rights);
// The other way.
size_t WriteRemoteVm(AddressSpace& mm, GuestAddr a,
                     absl::Span<const std::byte> from, RemoteRights rights);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_GUP_ACCESS_REMOTE_VM_H_
