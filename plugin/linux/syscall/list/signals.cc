// Signals and the timers that send them. Handlers: plugin/linux/signal.

#include "plugin/linux/signal/calls.h"
#include "plugin/linux/syscall/syscall_list.h"
#include "plugin/linux/time/itimer.h"
#include "plugin/linux/time/posix_timers.h"

namespace faultline::os {
namespace {

using enum Support;

constexpr SyscallSpec kCalls[] = {
    {"alarm", SysAlarm, kFull, ""},
    {"getitimer", SysGetitimer, kFull, ""},
    {"kill", SysKill, kFull, ""},
    {"pause", SysPause, kFull, ""},
    {"pidfd_send_signal", SysPidfdSendSignal, kFull, ""},
    {"restart_syscall", SysRestartSyscall, kFull, ""},
    {"rt_sigaction", SysRtSigaction, kFull, ""},
    {"rt_sigpending", SysRtSigpending, kFull, ""},
    {"rt_sigprocmask", SysRtSigprocmask, kFull, ""},
    {"rt_sigqueueinfo", SysRtSigqueueinfo, kFull, ""},
    {"rt_sigreturn", SysRtSigreturn, kFull, ""},
    {"rt_sigsuspend", SysRtSigsuspend, kFull, ""},
    {"rt_sigtimedwait", SysRtSigtimedwait, kFull, ""},
    {"rt_tgsigqueueinfo", SysRtTgsigqueueinfo, kFull, ""},
    {"setitimer", SysSetitimer, kFull, ""},
    {"sigaltstack", SysSigaltstack, kFull, ""},
    {"tgkill", SysTgkill, kFull, ""},
    {"timer_create", SysTimerCreate, kFull, ""},
    {"timer_delete", SysTimerDelete, kFull, ""},
    {"timer_getoverrun", SysTimerGetoverrun, kFull, ""},
    {"timer_gettime", SysTimerGettime, kFull, ""},
    {"timer_settime", SysTimerSettime, kFull, ""},
    {"tkill", SysTkill, kFull, ""},
};

}  // namespace

absl::Span<const SyscallSpec> SignalsCalls() { return kCalls; }

}  // namespace faultline::os
