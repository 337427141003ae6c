#ifndef FAULTLINE_PLUGIN_LINUX_TIME_CALLS_H_
#define FAULTLINE_PLUGIN_LINUX_TIME_CALLS_H_

// Clocks and sleeping. Linux: kernel/time.

#include "plugin/linux/syscall/call.h"

namespace faultline::os {

class Task;

SyscallResult SysClockGettime(Task& task, const SyscallArgs& args);
SyscallResult SysClockGetres(Task& task, const SyscallArgs& args);
SyscallResult SysClockSettime(Task& task, const SyscallArgs& args);
SyscallResult SysGettimeofday(Task& task, const SyscallArgs& args);
SyscallResult SysSettimeofday(Task& task, const SyscallArgs& args);
SyscallResult SysTime(Task& task, const SyscallArgs& args);
SyscallResult SysNanosleep(Task& task, const SyscallArgs& args);
SyscallResult SysClockNanosleep(Task& task, const SyscallArgs& args);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_TIME_CALLS_H_
