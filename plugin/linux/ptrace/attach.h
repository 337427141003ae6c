#ifndef FAULTLINE_PLUGIN_LINUX_PTRACE_ATTACH_H_
#define FAULTLINE_PLUGIN_LINUX_PTRACE_ATTACH_H_

// How tracing begins and ends, for ptrace(2) itself. Linux: kernel/ptrace.c.

#include <memory>

#include "plugin/linux/syscall/call.h"

namespace faultline::os {

class Task;

// __ptrace_link(): `tracer` traces `task`, which nobody does.
void PtraceLink(Task& tracer, Task& task);

// PTRACE_TRACEME: the thread that forked the caller's process traces it.
// kEPERM: somebody does already, the parent is gone or may not.
SyscallResult PtraceTraceme(Task& task);
// PTRACE_ATTACH; PTRACE_SEIZE with options in `data`. kEPERM: not allowed, a
// thread of the caller's own, it has exited, or is traced. kEIO: bad `addr` or
// options. Nothing has changed then.
enum class Seize : bool { kNo, kYes };
SyscallResult PtraceAttach(Task& tracer, const std::shared_ptr<Task>& task,
                           Seize seize, uint64_t addr, uint64_t data);
// check_ptrace_options(): kEINVAL, kEPERM.
ErrnoOr<Done> CheckPtraceOptions(const Task& tracer, uint64_t options);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_PTRACE_ATTACH_H_
