#ifndef FAULTLINE_PLUGIN_LINUX_FUTEX_CALLS_H_
#define FAULTLINE_PLUGIN_LINUX_FUTEX_CALLS_H_

// The futex system calls, and what a thread's end does to its futexes.
// Linux: kernel/futex.

#include "plugin/linux/syscall/call.h"

namespace faultline::os {

SyscallResult SysFutex(Task& task, const SyscallArgs& args);
SyscallResult SysFutexWaitv(Task& task, const SyscallArgs& args);
SyscallResult SysFutexWait(Task& task, const SyscallArgs& args);
SyscallResult SysFutexWake(Task& task, const SyscallArgs& args);
SyscallResult SysFutexRequeue(Task& task, const SyscallArgs& args);
SyscallResult SysSetRobustList(Task& task, const SyscallArgs& args);
SyscallResult SysGetRobustList(Task& task, const SyscallArgs& args);

// Wakes up to `max` sleepers of the futex at `uaddr` as another process or a
// thread might wait for it: what clearing the child tid at exit does. Bad
// addresses are ignored.
void FutexWakeShared(Task& task, uint64_t uaddr, int max);

// The thread ends or execs, its memory still there: marks the locks of its
// robust list as orphaned and wakes one waiter each. Linux: futex_exit_release,
// before clear_child_tid. Clears task.robust_list.
void FutexExit(Task& task);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_FUTEX_CALLS_H_
