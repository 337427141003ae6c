// Tasks, programs, limits, scheduling. Handlers: plugin/linux/task.

#include "plugin/linux/syscall/syscall_list.h"

namespace faultline::os {
namespace {

using enum Support;

constexpr SyscallSpec kCalls[] = {
    {"arch_prctl", nullptr, kNone, ""},
    {"clone", nullptr, kNone, ""},
    {"clone3", nullptr, kNone, ""},
    {"execve", nullptr, kNone, ""},
    {"execveat", nullptr, kNone, ""},
    {"exit", nullptr, kNone, ""},
    {"exit_group", nullptr, kNone, ""},
    {"fork", nullptr, kNone, ""},
    {"get_thread_area", nullptr, kNone, ""},
    {"getpgid", nullptr, kNone, ""},
    {"getpgrp", nullptr, kNone, ""},
    {"getpid", nullptr, kNone, ""},
    {"getppid", nullptr, kNone, ""},
    {"getpriority", nullptr, kNone, ""},
    {"getrlimit", nullptr, kNone, ""},
    {"getrusage", nullptr, kNone, ""},
    {"getsid", nullptr, kNone, ""},
    {"gettid", nullptr, kNone, ""},
    {"ioperm", nullptr, kNone, ""},
    {"iopl", nullptr, kNone, ""},
    {"ioprio_get", nullptr, kNone, ""},
    {"ioprio_set", nullptr, kNone, ""},
    {"kcmp", nullptr, kNone, ""},
    {"modify_ldt", nullptr, kNone, ""},
    {"perf_event_open", nullptr, kNone, ""},
    {"personality", nullptr, kNone, ""},
    {"pidfd_getfd", nullptr, kNone, ""},
    {"pidfd_open", nullptr, kNone, ""},
    {"prctl", nullptr, kNone, ""},
    {"prlimit64", nullptr, kNone, ""},
    {"ptrace", nullptr, kNone, ""},
    {"rseq", nullptr, kNone, ""},
    {"sched_get_priority_max", nullptr, kNone, ""},
    {"sched_get_priority_min", nullptr, kNone, ""},
    {"sched_getaffinity", nullptr, kNone, ""},
    {"sched_getattr", nullptr, kNone, ""},
    {"sched_getparam", nullptr, kNone, ""},
    {"sched_getscheduler", nullptr, kNone, ""},
    {"sched_rr_get_interval", nullptr, kNone, ""},
    {"sched_setaffinity", nullptr, kNone, ""},
    {"sched_setattr", nullptr, kNone, ""},
    {"sched_setparam", nullptr, kNone, ""},
    {"sched_setscheduler", nullptr, kNone, ""},
    {"sched_yield", nullptr, kNone, ""},
    {"seccomp", nullptr, kNone, ""},
    {"set_thread_area", nullptr, kNone, ""},
    {"set_tid_address", nullptr, kNone, ""},
    {"setns", nullptr, kNone, ""},
    {"setpgid", nullptr, kNone, ""},
    {"setpriority", nullptr, kNone, ""},
    {"setrlimit", nullptr, kNone, ""},
    {"setsid", nullptr, kNone, ""},
    {"unshare", nullptr, kNone, ""},
    {"uretprobe", nullptr, kNone, ""},
    {"uselib", nullptr, kNone, ""},
    {"vfork", nullptr, kNone, ""},
    {"wait4", nullptr, kNone, ""},
    {"waitid", nullptr, kNone, ""},
};

}  // namespace

absl::Span<const SyscallSpec> ProcessCalls() { return kCalls; }

}  // namespace faultline::os
