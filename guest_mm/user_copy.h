#ifndef FAULTLINE_GUEST_MM_USER_COPY_H_
#define FAULTLINE_GUEST_MM_USER_COPY_H_

// UserCopy: how the memory manager itself reads user memory (UFFDIO_COPY): as
// kernel code does, with the faults of that. Who runs the machine may have code
// of the guest's do it; without one, the page tables are asked.

#include <cstddef>

#include "absl/types/span.h"
#include "guest_mm/base/addr.h"

namespace faultline::mm {

class AddressSpace;

// With faults disabled (pagefault_disable()) only what is mapped can be read,
// and no point is passed; with them enabled it may wait, and no lock is held.
enum class MayFault : bool { kNo, kYes };

class UserCopy {
 public:
  virtual ~UserCopy() = default;
  // Fills `to` from `from` on, of the running task's memory. False if some
  // could not be read; `to` holds what could.
  virtual bool CopyFrom(AddressSpace& mm, GuestAddr from,
                        absl::Span<std::byte> to, MayFault may_fault) = 0;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_USER_COPY_H_
