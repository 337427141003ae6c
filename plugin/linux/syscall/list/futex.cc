// Futexes and robust lists. Handlers: plugin/linux/futex.

#include "plugin/linux/syscall/syscall_list.h"

namespace faultline::os {
namespace {

using enum Support;

constexpr SyscallSpec kCalls[] = {
    {"futex", nullptr, kNone, ""},
    {"futex_requeue", nullptr, kNone, ""},
    {"futex_wait", nullptr, kNone, ""},
    {"futex_waitv", nullptr, kNone, ""},
    {"futex_wake", nullptr, kNone, ""},
    {"get_robust_list", nullptr, kNone, ""},
    {"set_robust_list", nullptr, kNone, ""},
};

}  // namespace

absl::Span<const SyscallSpec> FutexCalls() { return kCalls; }

}  // namespace faultline::os
