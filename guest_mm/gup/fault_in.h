#ifndef FAULTLINE_GUEST_MM_GUP_FAULT_IN_H_
#define FAULTLINE_GUEST_MM_GUP_FAULT_IN_H_

// Bringing user memory in by the page tables, without touching it: what tags or
// other checks of an access itself would say is not seen. Linux: mm/gup.c
// fixup_user_fault(), fault_in_safe_writeable().

#include <cstdint>

#include "guest_mm/base/access.h"
#include "guest_mm/base/addr.h"

namespace faultline::mm {

class AddressSpace;

// May a program be waited for (userfaultfd)?
enum class FixupWaits : bool { kNo, kYes };

// Has the page at `a` (untagged) be there for `access`. False: it cannot be. No
// lock is held; it may wait.
bool FixupUserFault(AddressSpace& mm, GuestAddr a, Access access,
                    FixupWaits waits);

// Of [start, start + bytes), the bytes that could not be made writable: from
// the first page that cannot be. (Behaviour safe-writeable-return: from 5.18
// to 6.14 none, unless that is the first page of all.)
uint64_t FaultInSafeWriteable(AddressSpace& mm, GuestAddr start,
                              uint64_t bytes);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_GUP_FAULT_IN_H_
