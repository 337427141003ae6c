#ifndef FAULTLINE_PLUGIN_LINUX_TIME_ITIMER_H_
#define FAULTLINE_PLUGIN_LINUX_TIME_ITIMER_H_

// setitimer(2), getitimer(2), alarm(2). Linux: kernel/time/itimer.c.

#include "plugin/linux/syscall/call.h"

namespace faultline::os {

class Process;
class Task;

SyscallResult SysSetitimer(Task& task, const SyscallArgs& args);
SyscallResult SysGetitimer(Task& task, const SyscallArgs& args);
SyscallResult SysAlarm(Task& task, const SyscallArgs& args);

void CancelIntervalTimers(Process& process);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_TIME_ITIMER_H_
