#ifndef FAULTLINE_PLUGIN_LINUX_SIGNAL_STOP_H_
#define FAULTLINE_PLUGIN_LINUX_SIGNAL_STOP_H_

// Job control: stopping and continuing whole processes, and telling parents.
// Linux: do_signal_stop(), prepare_signal(), do_notify_parent_cldstop().
//
// A stop begins when a thread takes the signal. It counts the threads that are
// to halt; each takes part once, on its way to user mode, at its end, or by
// stopping for its tracer, and the last one tells the parent.

namespace faultline::os {

class Process;
class Task;

// What sending `signo` does at once, even if it is blocked or ignored: SIGCONT
// takes stop signals back and lets a stopped process run; a stop signal takes
// a pending SIGCONT back.
void PrepareStopOrContinue(Process& process, int signo);

// The process is to stop with `signo`. Its threads notice on their way to user
// mode. Nothing for SIGTSTP, SIGTTIN, SIGTTOU in an orphaned process group, or
// if SIGCONT came since a tracer was shown the signal.
void StopProcess(Task& task, int signo);

// The calling thread, which is to, halts until it is continued, killed, or
// attached to. One that is traced is told to stop for its tracer instead.
void JoinStop(Task& task);

// task_participate_group_stop(): the thread counts as halted. True if it was
// the last: the parent is to be told.
enum class StopIsComplete : bool { kNo, kYes };
StopIsComplete TakePartInStop(Task& task);
// For one that is going away: tells the parent, too.
void StopAccountForExit(Task& task);
// task_join_group_stop(): a new thread of a process that halts does so, too.
void JoinStopOfParent(const Task& parent, Task& child);

// do_notify_parent_cldstop(): SIGCHLD to the parent, unless it does not want
// those, with CLD_STOPPED or CLD_CONTINUED.
void TellParentOfStop(Process& process, int code);

// No member has a parent outside the group but inside the session.
bool IsOrphanedGroup(Process& process, const Process* ignoring);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_SIGNAL_STOP_H_
