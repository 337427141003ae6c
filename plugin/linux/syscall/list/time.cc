// Clocks and sleeping. Handlers: plugin/linux/time.

#include "plugin/linux/syscall/syscall_list.h"
#include "plugin/linux/task/rusage.h"
#include "plugin/linux/time/calls.h"

namespace faultline::os {
namespace {

using enum Support;

constexpr SyscallSpec kCalls[] = {
    {"adjtimex", nullptr, kNone, ""},
    {"clock_adjtime", nullptr, kNone, ""},
    {"clock_getres", SysClockGetres, kFull, ""},
    {"clock_gettime", SysClockGettime, kFull, ""},
    {"clock_nanosleep", SysClockNanosleep, kPartial,
     "CPU clocks are slept on as if they were wall clocks"},
    {"clock_settime", SysClockSettime, kFull, ""},
    {"gettimeofday", SysGettimeofday, kFull, ""},
    {"nanosleep", SysNanosleep, kFull, ""},
    {"settimeofday", SysSettimeofday, kFull, ""},
    {"time", SysTime, kFull, ""},
    {"times", SysTimes, kFull, ""},
};

}  // namespace

absl::Span<const SyscallSpec> TimeCalls() { return kCalls; }

}  // namespace faultline::os
