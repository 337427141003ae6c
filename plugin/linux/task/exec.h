#ifndef FAULTLINE_PLUGIN_LINUX_TASK_EXEC_H_
#define FAULTLINE_PLUGIN_LINUX_TASK_EXEC_H_

// execve(2) and the first program. Linux: fs/exec.c.

#include <string>

#include "absl/status/status.h"
#include "plugin/linux/loader/loader.h"
#include "plugin/linux/syscall/call.h"

namespace faultline::os {

class Kernel;
class Process;
class Task;

// Limits that an address space is held to, from the process's. Also after
// setrlimit.
mm::MmLimits MmLimitsOf(const Process& process, const Credentials& cred);

// Makes `program` the task's: memory, registers, name. The task is alone in
// its process. Its context exists; it is loaded on return.
void Become(Task& task, LoadedProgram program, const std::string& path);

// Loads and becomes, from the outside (Kernel::Start). The Status is a
// LoadError(); the task is as it was.
absl::Status ExecFirst(Task& task, const std::string& path,
                       std::vector<std::string> argv,
                       std::vector<std::string> envp);

SyscallResult SysExecve(Task& task, const SyscallArgs& args);
SyscallResult SysExecveat(Task& task, const SyscallArgs& args);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_TASK_EXEC_H_
