#ifndef FAULTLINE_PLUGIN_LINUX_PTRACE_SYSCALL_INFO_H_
#define FAULTLINE_PLUGIN_LINUX_PTRACE_SYSCALL_INFO_H_

#include "plugin/linux/ptrace/ptrace_arch.h"

namespace faultline::os {

// PTRACE_GET_SYSCALL_INFO: what the thread stands at, in call.addr bytes at
// call.data; how many there are. kEFAULT.
SyscallResult PtraceGetSyscallInfo(const PtraceCall& call);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_PTRACE_SYSCALL_INFO_H_
