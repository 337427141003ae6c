// Tasks, programs, limits, scheduling. Handlers: plugin/linux/task.

#include "plugin/linux/ptrace/ptrace.h"
#include "plugin/linux/syscall/syscall_list.h"
#include "plugin/linux/task/calls.h"
#include "plugin/linux/task/clone.h"
#include "plugin/linux/task/exec.h"
#include "plugin/linux/task/exit.h"
#include "plugin/linux/task/pidfd.h"
#include "plugin/linux/task/rseq.h"
#include "plugin/linux/task/rusage.h"
#include "plugin/linux/task/wait.h"

namespace faultline::os {
namespace {

using enum Support;

constexpr SyscallSpec kCalls[] = {
    {"arch_prctl", SysArchPrctl, kPartial, "FS and GS bases only"},
    {"clone", SysClone, kFull, ""},
    {"clone3", SysClone3, kPartial, "no cgroups or namespaces"},
    {"execve", SysExecve, kPartial, "set-user-ID bits are ignored"},
    {"execveat", SysExecveat, kPartial, "set-user-ID bits are ignored"},
    {"exit", SysExit, kFull, ""},
    {"exit_group", SysExitGroup, kFull, ""},
    {"fork", SysFork, kFull, ""},
    {"get_thread_area", nullptr, kNone, ""},
    {"getpgid", SysGetpgid, kFull, ""},
    {"getpgrp", SysGetpgrp, kFull, ""},
    {"getpid", SysGetpid, kFull, ""},
    {"getppid", SysGetppid, kFull, ""},
    {"getpriority", SysGetpriority, kFull, ""},
    {"getrlimit", SysGetrlimit, kFull, ""},
    {"getrusage", SysGetrusage, kPartial,
     "user time counts only while blocks are counted"},
    {"getsid", SysGetsid, kFull, ""},
    {"gettid", SysGettid, kFull, ""},
    {"ioperm", nullptr, kNone, ""},
    {"iopl", nullptr, kNone, ""},
    {"ioprio_get", SysIoprioGet, kPartial, "single processes only"},
    {"ioprio_set", SysIoprioSet, kPartial, "kept, without effect"},
    {"kcmp", nullptr, kNone, ""},
    {"modify_ldt", nullptr, kNone, ""},
    {"perf_event_open", nullptr, kNone, ""},
    {"personality", SysPersonality, kPartial,
     "only ADDR_NO_RANDOMIZE has an effect"},
    {"pidfd_getfd", SysPidfdGetfd, kFull, ""},
    {"pidfd_open", SysPidfdOpen, kPartial, "no PIDFD_THREAD"},
    {"prctl", SysPrctl, kPartial, "the options that programs under test use"},
    {"prlimit64", SysPrlimit64, kFull, ""},
    {"ptrace", SysPtrace, kPartial,
     "no steps by block, hardware breakpoints, seccomp; docs/deviations.md"},
    {"rseq", SysRseq, kFull, ""},
    {"sched_get_priority_max", SysSchedGetPriorityMax, kFull, ""},
    {"sched_get_priority_min", SysSchedGetPriorityMin, kFull, ""},
    {"sched_getaffinity", SysSchedGetaffinity, kFull, ""},
    {"sched_getattr", nullptr, kNone, ""},
    {"sched_getparam", SysSchedGetparam, kFull, ""},
    {"sched_getscheduler", SysSchedGetscheduler, kFull, ""},
    {"sched_rr_get_interval", SysSchedRrGetInterval, kFull, ""},
    {"sched_setaffinity", SysSchedSetaffinity, kFull, ""},
    {"sched_setattr", nullptr, kNone, ""},
    {"sched_setparam", SysSchedSetparam, kPartial,
     "kept, without effect on who runs"},
    {"sched_setscheduler", SysSchedSetscheduler, kPartial,
     "kept, without effect on who runs"},
    {"sched_yield", SysSchedYield, kFull, ""},
    {"seccomp", nullptr, kNone, ""},
    {"set_thread_area", nullptr, kNone, ""},
    {"set_tid_address", SysSetTidAddress, kFull, ""},
    {"setns", nullptr, kNone, ""},
    {"setpgid", SysSetpgid, kFull, ""},
    {"setpriority", SysSetpriority, kPartial, "PRIO_PROCESS only"},
    {"setrlimit", SysSetrlimit, kFull, ""},
    {"setsid", SysSetsid, kFull, ""},
    {"unshare", nullptr, kNone, ""},
    {"uretprobe", nullptr, kNone, ""},
    {"uselib", nullptr, kNone, ""},
    {"vfork", SysVfork, kFull, ""},
    {"wait4", SysWait4, kFull, ""},
    {"waitid", SysWaitid, kFull, ""},
};

}  // namespace

absl::Span<const SyscallSpec> ProcessCalls() { return kCalls; }

}  // namespace faultline::os
