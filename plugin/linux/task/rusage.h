#ifndef FAULTLINE_PLUGIN_LINUX_TASK_RUSAGE_H_
#define FAULTLINE_PLUGIN_LINUX_TASK_RUSAGE_H_

// Resource usage. Linux: kernel/sys.c getrusage(), times().

#include <cstdint>

#include "plugin/linux/syscall/call.h"
#include "plugin/linux/time/clock.h"

namespace faultline::os {

class Process;
class Task;

// struct rusage.
struct Rusage {
  Timeval user_time;
  Timeval system_time;
  int64_t max_rss_kib = 0;
  int64_t unused[3] = {};
  int64_t minor_faults = 0;
  int64_t major_faults = 0;
  int64_t unused2[6] = {};
  int64_t voluntary_switches = 0;
  int64_t involuntary_switches = 0;
};
static_assert(sizeof(Rusage) == 144);

enum class RusageScope : uint8_t { kSelf, kChildren, kBoth };
Rusage RusageOf(const Process& process, RusageScope scope);

SyscallResult SysGetrusage(Task& task, const SyscallArgs& args);
SyscallResult SysTimes(Task& task, const SyscallArgs& args);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_TASK_RUSAGE_H_
