#ifndef FAULTLINE_PLUGIN_LINUX_IPC_CALLS_H_
#define FAULTLINE_PLUGIN_LINUX_IPC_CALLS_H_

// The calls that make and wait for files that are not on a file system.

#include "plugin/linux/syscall/call.h"

namespace faultline::os {

// pipe_calls.cc
SyscallResult SysPipe(Task& task, const SyscallArgs& args);
SyscallResult SysPipe2(Task& task, const SyscallArgs& args);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_IPC_CALLS_H_
