// Pipes, event files, polling, sockets, queues. Handlers: plugin/linux/ipc.

#include "plugin/linux/fs/calls.h"
#include "plugin/linux/ipc/calls.h"
#include "plugin/linux/syscall/syscall_list.h"

namespace faultline::os {
namespace {

using enum Support;

constexpr SyscallSpec kCalls[] = {
    {"accept", nullptr, kNone, ""},
    {"accept4", nullptr, kNone, ""},
    {"bind", nullptr, kNone, ""},
    {"connect", nullptr, kNone, ""},
    {"epoll_create", nullptr, kNone, ""},
    {"epoll_create1", nullptr, kNone, ""},
    {"epoll_ctl", nullptr, kNone, ""},
    {"epoll_ctl_old", nullptr, kNone, ""},
    {"epoll_pwait", nullptr, kNone, ""},
    {"epoll_pwait2", nullptr, kNone, ""},
    {"epoll_wait", nullptr, kNone, ""},
    {"epoll_wait_old", nullptr, kNone, ""},
    {"eventfd", nullptr, kNone, ""},
    {"eventfd2", nullptr, kNone, ""},
    {"getpeername", nullptr, kNone, ""},
    {"getsockname", nullptr, kNone, ""},
    {"getsockopt", nullptr, kNone, ""},
    {"io_cancel", nullptr, kNone, ""},
    {"io_destroy", nullptr, kNone, ""},
    {"io_getevents", nullptr, kNone, ""},
    {"io_pgetevents", nullptr, kNone, ""},
    {"io_setup", nullptr, kNone, ""},
    {"io_submit", nullptr, kNone, ""},
    {"io_uring_enter", nullptr, kNone, ""},
    {"io_uring_register", nullptr, kNone, ""},
    {"io_uring_setup", nullptr, kNone, ""},
    {"listen", nullptr, kNone, ""},
    {"mq_getsetattr", nullptr, kNone, ""},
    {"mq_notify", nullptr, kNone, ""},
    {"mq_open", nullptr, kNone, ""},
    {"mq_timedreceive", nullptr, kNone, ""},
    {"mq_timedsend", nullptr, kNone, ""},
    {"mq_unlink", nullptr, kNone, ""},
    {"msgctl", nullptr, kNone, ""},
    {"msgget", nullptr, kNone, ""},
    {"msgrcv", nullptr, kNone, ""},
    {"msgsnd", nullptr, kNone, ""},
    {"pipe", SysPipe, kFull, ""},
    {"pipe2", SysPipe2, kFull, ""},
    {"poll", nullptr, kNone, ""},
    {"ppoll", nullptr, kNone, ""},
    {"pselect6", nullptr, kNone, ""},
    {"recvfrom", nullptr, kNone, ""},
    {"recvmmsg", nullptr, kNone, ""},
    {"recvmsg", nullptr, kNone, ""},
    {"select", nullptr, kNone, ""},
    {"semctl", nullptr, kNone, ""},
    {"semget", nullptr, kNone, ""},
    {"semop", nullptr, kNone, ""},
    {"semtimedop", nullptr, kNone, ""},
    {"sendmmsg", nullptr, kNone, ""},
    {"sendmsg", nullptr, kNone, ""},
    {"sendto", nullptr, kNone, ""},
    {"setsockopt", nullptr, kNone, ""},
    {"shutdown", nullptr, kNone, ""},
    {"signalfd", nullptr, kNone, ""},
    {"signalfd4", nullptr, kNone, ""},
    {"socket", nullptr, kNone, ""},
    {"socketpair", nullptr, kNone, ""},
    {"splice", SysSplice, kFull, ""},
    {"tee", SysTee, kFull, ""},
    {"timerfd_create", nullptr, kNone, ""},
    {"timerfd_gettime", nullptr, kNone, ""},
    {"timerfd_settime", nullptr, kNone, ""},
    {"userfaultfd", nullptr, kNone, ""},
    {"vmsplice", SysVmsplice, kFull, ""},
};

}  // namespace

absl::Span<const SyscallSpec> IpcCalls() { return kCalls; }

}  // namespace faultline::os
