#ifndef FAULTLINE_GUEST_MM_UFFD_COPY_PAGE_H_
#define FAULTLINE_GUEST_MM_UFFD_COPY_PAGE_H_

// A page's worth of bytes from user memory, as the kernel's copy_from_user()
// reads it.

#include <cstddef>

#include "absl/types/span.h"
#include "guest_mm/base/addr.h"
#include "guest_mm/mm/address_space.h"
#include "guest_mm/user_copy.h"

namespace faultline::mm {

// Copies `to.size()` bytes from `from`. False if some could not be read; `to`
// holds what could.
bool CopyFromUser(AddressSpace& mm, GuestAddr from, absl::Span<std::byte> to,
                  MayFault may_fault);

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_UFFD_COPY_PAGE_H_
