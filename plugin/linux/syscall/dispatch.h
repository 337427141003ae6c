#ifndef FAULTLINE_PLUGIN_LINUX_SYSCALL_DISPATCH_H_
#define FAULTLINE_PLUGIN_LINUX_SYSCALL_DISPATCH_H_

namespace faultline::os {

class Task;

// Makes the system call in the loaded registers and puts its result there. A
// result that asks for a restart is left in task.run.call_error for signal
// delivery to settle.
void DispatchSyscall(Task& task);

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_SYSCALL_DISPATCH_H_
