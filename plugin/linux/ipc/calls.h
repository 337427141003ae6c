#ifndef FAULTLINE_PLUGIN_LINUX_IPC_CALLS_H_
#define FAULTLINE_PLUGIN_LINUX_IPC_CALLS_H_

// The calls that make and wait for files that are not on a file system.

#include "plugin/linux/syscall/call.h"

namespace faultline::os {

// pipe_calls.cc
SyscallResult SysPipe(Task& task, const SyscallArgs& args);
SyscallResult SysPipe2(Task& task, const SyscallArgs& args);

// poll_calls.cc
SyscallResult SysPoll(Task& task, const SyscallArgs& args);
SyscallResult SysPpoll(Task& task, const SyscallArgs& args);

// select_calls.cc
SyscallResult SysSelect(Task& task, const SyscallArgs& args);
SyscallResult SysPselect6(Task& task, const SyscallArgs& args);

// epoll_calls.cc
SyscallResult SysEpollCreate(Task& task, const SyscallArgs& args);
SyscallResult SysEpollCreate1(Task& task, const SyscallArgs& args);
SyscallResult SysEpollCtl(Task& task, const SyscallArgs& args);
SyscallResult SysEpollWait(Task& task, const SyscallArgs& args);
SyscallResult SysEpollPwait(Task& task, const SyscallArgs& args);
SyscallResult SysEpollPwait2(Task& task, const SyscallArgs& args);

// eventfd.cc
SyscallResult SysEventfd(Task& task, const SyscallArgs& args);
SyscallResult SysEventfd2(Task& task, const SyscallArgs& args);

// timerfd_calls.cc
SyscallResult SysTimerfdCreate(Task& task, const SyscallArgs& args);
SyscallResult SysTimerfdSettime(Task& task, const SyscallArgs& args);
SyscallResult SysTimerfdGettime(Task& task, const SyscallArgs& args);

// signalfd.cc
SyscallResult SysSignalfd(Task& task, const SyscallArgs& args);
SyscallResult SysSignalfd4(Task& task, const SyscallArgs& args);

// socket_calls.cc
SyscallResult SysSocket(Task& task, const SyscallArgs& args);
SyscallResult SysSocketpair(Task& task, const SyscallArgs& args);
SyscallResult SysSendto(Task& task, const SyscallArgs& args);
SyscallResult SysRecvfrom(Task& task, const SyscallArgs& args);
SyscallResult SysSendmsg(Task& task, const SyscallArgs& args);
SyscallResult SysRecvmsg(Task& task, const SyscallArgs& args);
SyscallResult SysShutdown(Task& task, const SyscallArgs& args);
SyscallResult SysGetsockname(Task& task, const SyscallArgs& args);
SyscallResult SysGetpeername(Task& task, const SyscallArgs& args);

// connect_call.cc
SyscallResult SysConnect(Task& task, const SyscallArgs& args);

// sockopt_calls.cc
SyscallResult SysGetsockopt(Task& task, const SyscallArgs& args);
SyscallResult SysSetsockopt(Task& task, const SyscallArgs& args);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_IPC_CALLS_H_
