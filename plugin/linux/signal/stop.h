#ifndef FAULTLINE_PLUGIN_LINUX_SIGNAL_STOP_H_
#define FAULTLINE_PLUGIN_LINUX_SIGNAL_STOP_H_

// Job control: stopping and continuing whole processes, and telling parents.
// Linux: do_signal_stop(), prepare_signal(), do_notify_parent_cldstop().

namespace faultline::os {

class Process;
class Task;

// What sending `signo` does at once, even if it is blocked or ignored: SIGCONT
// takes stop signals back and lets a stopped process run; a stop signal takes
// a pending SIGCONT back.
void PrepareStopOrContinue(Process& process, int signo);

// The process is to stop with `signo`. Its threads notice on their way to user
// mode. Nothing for SIGTSTP, SIGTTIN, SIGTTOU in an orphaned process group.
void StopProcess(Task& task, int signo);

// Parks the calling thread while its process is stopped; the last thread to
// park tells the parent. Returns when continued or killed.
void ParkWhileStopped(Task& task);
// A thread of a stopped process is going away: it no longer has to park.
void StopAccountForExit(Process& process);

// No member has a parent outside the group but inside the session.
bool IsOrphanedGroup(Process& process, const Process* ignoring);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_SIGNAL_STOP_H_
