#ifndef FAULTLINE_PLUGIN_LINUX_TASK_PRCTL_VMA_H_
#define FAULTLINE_PLUGIN_LINUX_TASK_PRCTL_VMA_H_

#include "plugin/linux/syscall/call.h"

namespace faultline::os {

class Task;

// prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, start, length, name): names
// anonymous memory for /proc/PID/maps. Linux: kernel/sys.c prctl_set_vma().
SyscallResult PrctlSetVma(Task& task, const SyscallArgs& args);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_TASK_PRCTL_VMA_H_
