#include "guest_mm/gup/fault_in.h"

#include "guest_mm/fault/handle_page_fault.h"
#include "guest_mm/mm/address_space.h"

namespace faultline::mm {

bool FixupUserFault(AddressSpace& mm, GuestAddr a, Access access,
                    FixupWaits waits) {
  for (;;) {
    PageTable::Translation t;
    bool present = false;
    if (mm.page_table().Translate(a, access, Mode::kUser, &t, &present)) {
      return true;
    }
    const Fault fault{.address = a,
                      .access = access,
                      .mode = Mode::kKernel,
                      .was_present = present,
                      .may_retry = waits == FixupWaits::kYes};
    if (!HandlePageFault(mm, fault).handled()) {
      return false;
    }
  }
}

uint64_t FaultInSafeWriteable(AddressSpace& mm, GuestAddr start,
                              uint64_t bytes) {
  const GuestAddr end = start + bytes;
  for (GuestAddr at = start; at < end;
       at = at.PageDown(mm.page_shift()) + mm.page_shift().bytes()) {
    if (!FixupUserFault(mm, at, Access::kWrite, FixupWaits::kYes)) {
      const bool told =
          at == start || mm.system().behaviours().safe_writeable_return() ==
                             SafeWriteableReturn::kLeft;
      return told ? end - at : 0;
    }
  }
  return 0;
}

}  // namespace faultline::mm
