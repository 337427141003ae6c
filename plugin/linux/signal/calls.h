#ifndef FAULTLINE_PLUGIN_LINUX_SIGNAL_CALLS_H_
#define FAULTLINE_PLUGIN_LINUX_SIGNAL_CALLS_H_

// The signal calls. Linux: kernel/signal.c.

#include "plugin/linux/syscall/call.h"

namespace faultline::os {

class Task;

// kill_calls.cc
SyscallResult SysKill(Task& task, const SyscallArgs& args);
SyscallResult SysTkill(Task& task, const SyscallArgs& args);
SyscallResult SysTgkill(Task& task, const SyscallArgs& args);
SyscallResult SysRtSigqueueinfo(Task& task, const SyscallArgs& args);
SyscallResult SysRtTgsigqueueinfo(Task& task, const SyscallArgs& args);
SyscallResult SysPidfdSendSignal(Task& task, const SyscallArgs& args);

// action_calls.cc
SyscallResult SysRtSigaction(Task& task, const SyscallArgs& args);
SyscallResult SysRtSigprocmask(Task& task, const SyscallArgs& args);
SyscallResult SysRtSigpending(Task& task, const SyscallArgs& args);
SyscallResult SysRtSigreturn(Task& task, const SyscallArgs& args);
SyscallResult SysSigaltstack(Task& task, const SyscallArgs& args);

// wait_calls.cc
SyscallResult SysPause(Task& task, const SyscallArgs& args);
SyscallResult SysRtSigsuspend(Task& task, const SyscallArgs& args);
SyscallResult SysRtSigtimedwait(Task& task, const SyscallArgs& args);
SyscallResult SysRestartSyscall(Task& task, const SyscallArgs& args);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_SIGNAL_CALLS_H_
