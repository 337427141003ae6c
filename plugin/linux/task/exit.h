#ifndef FAULTLINE_PLUGIN_LINUX_TASK_EXIT_H_
#define FAULTLINE_PLUGIN_LINUX_TASK_EXIT_H_

// The end of tasks and processes. Linux: kernel/exit.c.

#include "plugin/linux/syscall/call.h"

namespace faultline::os {

class Process;
class Task;

// do_exit(), on the task's own fiber: lets go of memory, files and locks,
// wakes joiners, and if it was the last thread makes the process a zombie and
// tells its parent. Only the end of the fiber may follow.
void ExitTask(Task& task);

// What the program's memory is owed when a task leaves it, by exit or exec:
// robust futexes, clear_child_tid, the waiting parent of a vfork.
// exec_mm_release(), exit_mm_release().
void ReleaseMm(Task& task);

// As wait(2) encodes it, of a task that has exited or is about to.
int ExitCodeOf(const Task& task);
// A thread that has exited is seen by no tracer any more: it goes, and with the
// last of its process that becomes a zombie, which tells the parent.
void ForgetTracedExit(Task& task);

// Takes a zombie out of the world; its accounts go to its parent.
void Reap(Process& process);

SyscallResult SysExit(Task& task, const SyscallArgs& args);
SyscallResult SysExitGroup(Task& task, const SyscallArgs& args);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_TASK_EXIT_H_
