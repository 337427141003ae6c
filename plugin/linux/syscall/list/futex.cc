// Futexes and robust lists. Handlers: plugin/linux/futex.

#include "plugin/linux/futex/calls.h"
#include "plugin/linux/syscall/syscall_list.h"

namespace faultline::os {
namespace {

using enum Support;

constexpr SyscallSpec kCalls[] = {
    {"futex", SysFutex, kPartial,
     "no WAIT_REQUEUE_PI; sleepers are served by arrival, not priority"},
    {"futex_requeue", SysFutexRequeue, kFull, ""},
    {"futex_wait", SysFutexWait, kFull, ""},
    {"futex_waitv", SysFutexWaitv, kFull, ""},
    {"futex_wake", SysFutexWake, kFull, ""},
    {"get_robust_list", SysGetRobustList, kFull, ""},
    {"set_robust_list", SysSetRobustList, kFull, ""},
};

}  // namespace

absl::Span<const SyscallSpec> FutexCalls() { return kCalls; }

}  // namespace faultline::os
