#ifndef FAULTLINE_PLUGIN_LINUX_SIGNAL_SEND_H_
#define FAULTLINE_PLUGIN_LINUX_SIGNAL_SEND_H_

// Raising signals. Linux: kernel/signal.c send_signal_locked(),
// complete_signal(), force_sig_info(). Permission checks are the callers'.

#include "guest_mm/base/errno.h"
#include "plugin/linux/signal/signal_info.h"

namespace faultline::os {

class Process;
class Task;

// To one thread (tgkill) or to a process (kill): queues `info`, or drops it if
// it is ignored or, for signals under kSigRtMin, already pending. kEAGAIN:
// SigpendingFull() (queued real-time signals only).
ErrnoOr<Done> SendSignal(Task& task, const SigInfo& info);
ErrnoOr<Done> SendSignal(Process& process, const SigInfo& info);

// A fault's signal: cannot be ignored or blocked; if it would be, the default
// action (death) is restored. force_sig_info().
void ForceSignal(Task& task, const SigInfo& info);
// SIGSEGV with SI_KERNEL; for a frame that could not be made for `signo`.
void ForceSegv(Task& task, int signo);

// SIGPIPE from a write to a pipe or socket nobody reads: from the kernel, to
// the writing thread.
void SendSigPipe(Task& task);

// Tells every thread to leave with `code`, as wait(2) encodes it: exit_group,
// or death by a signal. The first one to say so wins.
void BeginGroupExit(Process& process, int code);

// Sets or clears "a signal is to be looked at" from what is pending, blocked
// and asked for. After every change of a mask. recalc_sigpending().
void RecalcSigpending(Task& task);

// No more siginfo can be queued for `process`: its RLIMIT_SIGPENDING, or all
// that the machine has room for. Pending timers' count.
bool SigpendingFull(Process& process);

// What the kernel does by itself with a signal that nobody handles.
enum class DefaultAction : uint8_t { kIgnore, kStop, kContinue, kTerminate };
DefaultAction DefaultActionOf(int signo);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_SIGNAL_SEND_H_
