#ifndef FAULTLINE_PLUGIN_LINUX_TASK_WAIT_H_
#define FAULTLINE_PLUGIN_LINUX_TASK_WAIT_H_

// Waiting for children. Linux: kernel/exit.c do_wait().

#include "plugin/linux/syscall/call.h"

namespace faultline::os {

class Task;

SyscallResult SysWait4(Task& task, const SyscallArgs& args);
SyscallResult SysWaitid(Task& task, const SyscallArgs& args);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_TASK_WAIT_H_
