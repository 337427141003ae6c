#ifndef FAULTLINE_PLUGIN_LINUX_SYSTEM_CALLS_H_
#define FAULTLINE_PLUGIN_LINUX_SYSTEM_CALLS_H_

// Calls about the machine as a whole.

#include <string>

#include <string>

#include "plugin/linux/syscall/call.h"

namespace faultline::os {

class Kernel;
class Task;

// What uname(2) and /proc/version say of the kernel.
// "6.12.0-faultline": the version whose rules hold (--kernel).
std::string KernelRelease(Kernel& kernel);
inline constexpr char kKernelVersion[] = "#1 SMP PREEMPT_DYNAMIC";

SyscallResult SysUname(Task& task, const SyscallArgs& args);
SyscallResult SysSysinfo(Task& task, const SyscallArgs& args);
SyscallResult SysGetcpu(Task& task, const SyscallArgs& args);
SyscallResult SysGetrandom(Task& task, const SyscallArgs& args);
SyscallResult SysMembarrier(Task& task, const SyscallArgs& args);
SyscallResult SysSethostname(Task& task, const SyscallArgs& args);
SyscallResult SysSetdomainname(Task& task, const SyscallArgs& args);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_SYSTEM_CALLS_H_
