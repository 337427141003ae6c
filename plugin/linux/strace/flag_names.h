#ifndef FAULTLINE_PLUGIN_LINUX_STRACE_FLAG_NAMES_H_
#define FAULTLINE_PLUGIN_LINUX_STRACE_FLAG_NAMES_H_

// Numbers of the system call interface by their names: "O_RDWR|O_CREAT".

#include <cstdint>
#include <string>

namespace faultline::os {

std::string OpenFlagNames(uint64_t flags);  // x86-64's numbers
std::string ProtNames(uint64_t prot);
std::string MapFlagNames(uint64_t flags);
std::string CloneFlagNames(uint64_t flags);  // with the exit signal
std::string AdviceName(uint64_t advice);
std::string ClockName(uint64_t clock);
std::string FutexOperationName(uint64_t op);
std::string SigprocmaskHowName(uint64_t how);
std::string SignalSetNames(uint64_t bits);  // "[SEGV USR1]", "~[KILL]"

}  // namespace faultline::os

#endif  // FAULTLINE_PLUGIN_LINUX_STRACE_FLAG_NAMES_H_
