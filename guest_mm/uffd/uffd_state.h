#ifndef FAULTLINE_GUEST_MM_UFFD_UFFD_STATE_H_
#define FAULTLINE_GUEST_MM_UFFD_UFFD_STATE_H_

// What all userfaultfds of one machine share.

#include <cstdint>

#include "guest_mm/base/addr.h"
#include "guest_mm/uffd/uffd_stats.h"

namespace faultline::mm {

struct UffdState {
  // vm.unprivileged_userfaultfd: who lacks CAP_SYS_PTRACE may have the kernel's
  // own faults delivered to him.
  bool unprivileged = false;
  uint64_t last_context = 0;
  uint64_t last_fault = 0;  // and event
  // Anonymous pages that a fill or a fault holds while a program is waited for:
  // nobody maps them yet.
  PageCount unmapped_pages{};
  UffdStats stats;
};

}  // namespace faultline::mm

#endif  // FAULTLINE_GUEST_MM_UFFD_UFFD_STATE_H_
