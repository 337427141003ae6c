// Clocks and sleeping. Handlers: plugin/linux/time.

#include "plugin/linux/syscall/syscall_list.h"

namespace faultline::os {
namespace {

using enum Support;

constexpr SyscallSpec kCalls[] = {
    {"adjtimex", nullptr, kNone, ""},
    {"clock_adjtime", nullptr, kNone, ""},
    {"clock_getres", nullptr, kNone, ""},
    {"clock_gettime", nullptr, kNone, ""},
    {"clock_nanosleep", nullptr, kNone, ""},
    {"clock_settime", nullptr, kNone, ""},
    {"gettimeofday", nullptr, kNone, ""},
    {"nanosleep", nullptr, kNone, ""},
    {"settimeofday", nullptr, kNone, ""},
    {"time", nullptr, kNone, ""},
    {"times", nullptr, kNone, ""},
};

}  // namespace

absl::Span<const SyscallSpec> TimeCalls() { return kCalls; }

}  // namespace faultline::os
