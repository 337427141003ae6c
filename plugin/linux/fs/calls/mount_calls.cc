// mount and umount2: the tree is laid out before the machine starts.

#include "plugin/linux/fs/calls.h"
#include "plugin/linux/fs/calls/at.h"

namespace faultline::os {

SyscallResult SysMount(Task&, const SyscallArgs&) { return Errno::kEPERM; }

SyscallResult SysUmount2(Task&, const SyscallArgs&) { return Errno::kEPERM; }

}  // namespace faultline::os
