#ifndef FAULTLINE_PLUGIN_LINUX_TASK_RSEQ_H_
#define FAULTLINE_PLUGIN_LINUX_TASK_RSEQ_H_

// Restartable sequences: the area a thread shares with the kernel, and
// aborting a critical section when it was preempted or interrupted.
// Linux: kernel/rseq.c, include/uapi/linux/rseq.h.

#include "plugin/linux/syscall/call.h"

namespace faultline::os {

class Task;

SyscallResult SysRseq(Task& task, const SyscallArgs& args);
// Before a frame is made, and after another task ran: if the program counter
// stands in a critical section it moves to the abort handler. A bad area is
// SIGSEGV, as in Linux. The task's context is loaded on return.
void RseqAbortSection(Task& task);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_TASK_RSEQ_H_
