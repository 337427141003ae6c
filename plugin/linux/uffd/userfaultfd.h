#ifndef FAULTLINE_PLUGIN_LINUX_UFFD_USERFAULTFD_H_
#define FAULTLINE_PLUGIN_LINUX_UFFD_USERFAULTFD_H_

// The two ways to a userfaultfd. Linux: fs/userfaultfd.c userfaultfd(2),
// userfaultfd_dev_ioctl().

#include "plugin/linux/syscall/call.h"

namespace faultline::os {

class Vfs;

// kEPERM: it would get the kernel's own faults, and the caller may not have
// those (CAP_SYS_PTRACE, vm.unprivileged_userfaultfd). kEINVAL: unknown flags.
// kENOMEM, kEMFILE.
SyscallResult SysUserfaultfd(Task& task, const SyscallArgs& args);

// /dev/userfaultfd, root's alone: whoever may open it may have one
// (USERFAULTFD_IOC_NEW).
void AddUserfaultfdDevice(Vfs& vfs);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_UFFD_USERFAULTFD_H_
