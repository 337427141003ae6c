#ifndef FAULTLINE_PLUGIN_LINUX_UFFD_UFFD_IOCTL_H_
#define FAULTLINE_PLUGIN_LINUX_UFFD_UFFD_IOCTL_H_

// The ioctls of a userfaultfd. Linux: fs/userfaultfd.c userfaultfd_ioctl().

#include <cstdint>

#include "guest_mm/base/errno.h"
#include "guest_mm/uffd/uffd_context.h"

namespace faultline::os {

class Task;

// kEINVAL for unknown requests, and for all but UFFDIO_API before that. What a
// filling request has done goes to its last field, be it bytes or a negated
// error; it fails with kEAGAIN if that is less than asked.
ErrnoOr<uint64_t> UffdIoctl(Task& task, mm::UffdContext& ctx, uint32_t request,
                            uint64_t arg);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_UFFD_UFFD_IOCTL_H_
