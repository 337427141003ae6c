#ifndef FAULTLINE_PLUGIN_LINUX_TIME_POSIX_TIMERS_H_
#define FAULTLINE_PLUGIN_LINUX_TIME_POSIX_TIMERS_H_

// timer_create(2) and the rest. Linux: kernel/time/posix-timers.c.

#include "plugin/linux/signal/signal_info.h"
#include "plugin/linux/syscall/call.h"

namespace faultline::os {

class Process;
class Task;

SyscallResult SysTimerCreate(Task& task, const SyscallArgs& args);
SyscallResult SysTimerSettime(Task& task, const SyscallArgs& args);
SyscallResult SysTimerGettime(Task& task, const SyscallArgs& args);
SyscallResult SysTimerGetoverrun(Task& task, const SyscallArgs& args);
SyscallResult SysTimerDelete(Task& task, const SyscallArgs& args);

// A timer's signal was taken from the queue: its overrun count is settled and
// written into `info`. posixtimer_rearm().
void PosixTimerSignalTaken(Task& task, SigInfo& info);

// exec and exit: all of them go.
void DeletePosixTimers(Process& process);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_TIME_POSIX_TIMERS_H_
