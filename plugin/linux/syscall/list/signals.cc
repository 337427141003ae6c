// Signals and the timers that send them. Handlers: plugin/linux/signal.

#include "plugin/linux/syscall/syscall_list.h"

namespace faultline::os {
namespace {

using enum Support;

constexpr SyscallSpec kCalls[] = {
    {"alarm", nullptr, kNone, ""},
    {"getitimer", nullptr, kNone, ""},
    {"kill", nullptr, kNone, ""},
    {"pause", nullptr, kNone, ""},
    {"pidfd_send_signal", nullptr, kNone, ""},
    {"restart_syscall", nullptr, kNone, ""},
    {"rt_sigaction", nullptr, kNone, ""},
    {"rt_sigpending", nullptr, kNone, ""},
    {"rt_sigprocmask", nullptr, kNone, ""},
    {"rt_sigqueueinfo", nullptr, kNone, ""},
    {"rt_sigreturn", nullptr, kNone, ""},
    {"rt_sigsuspend", nullptr, kNone, ""},
    {"rt_sigtimedwait", nullptr, kNone, ""},
    {"rt_tgsigqueueinfo", nullptr, kNone, ""},
    {"setitimer", nullptr, kNone, ""},
    {"sigaltstack", nullptr, kNone, ""},
    {"tgkill", nullptr, kNone, ""},
    {"timer_create", nullptr, kNone, ""},
    {"timer_delete", nullptr, kNone, ""},
    {"timer_getoverrun", nullptr, kNone, ""},
    {"timer_gettime", nullptr, kNone, ""},
    {"timer_settime", nullptr, kNone, ""},
    {"tkill", nullptr, kNone, ""},
};

}  // namespace

absl::Span<const SyscallSpec> SignalsCalls() { return kCalls; }

}  // namespace faultline::os
