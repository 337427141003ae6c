#ifndef FAULTLINE_PLUGIN_LINUX_MEMORY_CALLS_H_
#define FAULTLINE_PLUGIN_LINUX_MEMORY_CALLS_H_

// The memory calls: arguments decoded, guest_mm/calls asked, answers encoded.
// No policy lives here.

#include "plugin/linux/syscall/call.h"

namespace faultline::os {

class Task;

// map_calls.cc
SyscallResult SysMmap(Task& task, const SyscallArgs& args);
SyscallResult SysMunmap(Task& task, const SyscallArgs& args);
SyscallResult SysMprotect(Task& task, const SyscallArgs& args);
SyscallResult SysMseal(Task& task, const SyscallArgs& args);
SyscallResult SysMremap(Task& task, const SyscallArgs& args);
SyscallResult SysBrk(Task& task, const SyscallArgs& args);
SyscallResult SysRemapFilePages(Task& task, const SyscallArgs& args);
SyscallResult SysPkeyMprotect(Task& task, const SyscallArgs& args);
SyscallResult SysPkeyAlloc(Task& task, const SyscallArgs& args);
SyscallResult SysPkeyFree(Task& task, const SyscallArgs& args);

// advice_calls.cc
SyscallResult SysMadvise(Task& task, const SyscallArgs& args);
SyscallResult SysProcessMadvise(Task& task, const SyscallArgs& args);
SyscallResult SysMincore(Task& task, const SyscallArgs& args);
SyscallResult SysMsync(Task& task, const SyscallArgs& args);
SyscallResult SysMlock(Task& task, const SyscallArgs& args);
SyscallResult SysMlock2(Task& task, const SyscallArgs& args);
SyscallResult SysMunlock(Task& task, const SyscallArgs& args);
SyscallResult SysMlockall(Task& task, const SyscallArgs& args);
SyscallResult SysMunlockall(Task& task, const SyscallArgs& args);

// numa_calls.cc
SyscallResult SysGetMempolicy(Task& task, const SyscallArgs& args);
SyscallResult SysSetMempolicy(Task& task, const SyscallArgs& args);
SyscallResult SysMbind(Task& task, const SyscallArgs& args);

// swap_calls.cc
SyscallResult SysSwapon(Task& task, const SyscallArgs& args);
SyscallResult SysSwapoff(Task& task, const SyscallArgs& args);

// process_vm.cc
SyscallResult SysProcessVmReadv(Task& task, const SyscallArgs& args);
SyscallResult SysProcessVmWritev(Task& task, const SyscallArgs& args);
SyscallResult SysProcessMrelease(Task& task, const SyscallArgs& args);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_MEMORY_CALLS_H_
