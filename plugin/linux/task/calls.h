#ifndef FAULTLINE_PLUGIN_LINUX_TASK_CALLS_H_
#define FAULTLINE_PLUGIN_LINUX_TASK_CALLS_H_

// Handlers of the process calls that have no header of their own.

#include "plugin/linux/syscall/call.h"

namespace faultline::os {

class Task;

// id_calls.cc
SyscallResult SysGetpid(Task& task, const SyscallArgs& args);
SyscallResult SysGettid(Task& task, const SyscallArgs& args);
SyscallResult SysGetppid(Task& task, const SyscallArgs& args);
SyscallResult SysGetpgrp(Task& task, const SyscallArgs& args);
SyscallResult SysGetpgid(Task& task, const SyscallArgs& args);
SyscallResult SysGetsid(Task& task, const SyscallArgs& args);
SyscallResult SysSetpgid(Task& task, const SyscallArgs& args);
SyscallResult SysSetsid(Task& task, const SyscallArgs& args);
SyscallResult SysSetTidAddress(Task& task, const SyscallArgs& args);

// cred_calls.cc
SyscallResult SysGetuid(Task& task, const SyscallArgs& args);
SyscallResult SysGeteuid(Task& task, const SyscallArgs& args);
SyscallResult SysGetgid(Task& task, const SyscallArgs& args);
SyscallResult SysGetegid(Task& task, const SyscallArgs& args);
SyscallResult SysSetuid(Task& task, const SyscallArgs& args);
SyscallResult SysSetgid(Task& task, const SyscallArgs& args);
SyscallResult SysSetreuid(Task& task, const SyscallArgs& args);
SyscallResult SysSetregid(Task& task, const SyscallArgs& args);
SyscallResult SysSetresuid(Task& task, const SyscallArgs& args);
SyscallResult SysGetresuid(Task& task, const SyscallArgs& args);
SyscallResult SysSetresgid(Task& task, const SyscallArgs& args);
SyscallResult SysGetresgid(Task& task, const SyscallArgs& args);
SyscallResult SysSetfsuid(Task& task, const SyscallArgs& args);
SyscallResult SysSetfsgid(Task& task, const SyscallArgs& args);
SyscallResult SysGetgroups(Task& task, const SyscallArgs& args);
SyscallResult SysSetgroups(Task& task, const SyscallArgs& args);

// cap_calls.cc
SyscallResult SysCapget(Task& task, const SyscallArgs& args);
SyscallResult SysCapset(Task& task, const SyscallArgs& args);

// limit_calls.cc
SyscallResult SysGetrlimit(Task& task, const SyscallArgs& args);
SyscallResult SysSetrlimit(Task& task, const SyscallArgs& args);
SyscallResult SysPrlimit64(Task& task, const SyscallArgs& args);

// prctl.cc
SyscallResult SysPrctl(Task& task, const SyscallArgs& args);
SyscallResult SysArchPrctl(Task& task, const SyscallArgs& args);
SyscallResult SysPersonality(Task& task, const SyscallArgs& args);

// sched_calls.cc
SyscallResult SysSchedYield(Task& task, const SyscallArgs& args);
SyscallResult SysSchedGetaffinity(Task& task, const SyscallArgs& args);
SyscallResult SysSchedSetaffinity(Task& task, const SyscallArgs& args);
SyscallResult SysSchedGetscheduler(Task& task, const SyscallArgs& args);
SyscallResult SysSchedSetscheduler(Task& task, const SyscallArgs& args);
SyscallResult SysSchedGetparam(Task& task, const SyscallArgs& args);
SyscallResult SysSchedSetparam(Task& task, const SyscallArgs& args);
SyscallResult SysSchedGetPriorityMax(Task& task, const SyscallArgs& args);
SyscallResult SysSchedGetPriorityMin(Task& task, const SyscallArgs& args);
SyscallResult SysSchedRrGetInterval(Task& task, const SyscallArgs& args);
SyscallResult SysGetpriority(Task& task, const SyscallArgs& args);
SyscallResult SysSetpriority(Task& task, const SyscallArgs& args);
SyscallResult SysIoprioGet(Task& task, const SyscallArgs& args);
SyscallResult SysIoprioSet(Task& task, const SyscallArgs& args);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_TASK_CALLS_H_
