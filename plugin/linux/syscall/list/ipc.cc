// Pipes, event files, polling, sockets, queues. Handlers: plugin/linux/ipc.

#include "plugin/linux/fs/calls.h"
#include "plugin/linux/ipc/calls.h"
#include "plugin/linux/syscall/syscall_list.h"
#include "plugin/linux/uffd/userfaultfd.h"

namespace faultline::os {
namespace {

using enum Support;

constexpr SyscallSpec kCalls[] = {
    {"accept", nullptr, kNone, ""},
    {"accept4", nullptr, kNone, ""},
    {"bind", nullptr, kNone, ""},
    {"connect", SysConnect, kPartial, "nothing listens: fails as then"},
    {"epoll_create", SysEpollCreate, kFull, ""},
    {"epoll_create1", SysEpollCreate1, kFull, ""},
    {"epoll_ctl", SysEpollCtl, kFull, ""},
    {"epoll_ctl_old", nullptr, kNone, ""},
    {"epoll_pwait", SysEpollPwait, kFull, ""},
    {"epoll_pwait2", SysEpollPwait2, kFull, ""},
    {"epoll_wait", SysEpollWait, kFull, ""},
    {"epoll_wait_old", nullptr, kNone, ""},
    {"eventfd", SysEventfd, kFull, ""},
    {"eventfd2", SysEventfd2, kFull, ""},
    {"getpeername", SysGetpeername, kFull, ""},
    {"getsockname", SysGetsockname, kFull, ""},
    {"getsockopt", SysGetsockopt, kPartial,
     "the SOL_SOCKET options that unnamed sockets have"},
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
    {"poll", SysPoll, kFull, ""},
    {"ppoll", SysPpoll, kFull, ""},
    {"pselect6", SysPselect6, kFull, ""},
    {"recvfrom", SysRecvfrom, kPartial, "no MSG_OOB"},
    {"recvmmsg", nullptr, kNone, ""},
    {"recvmsg", SysRecvmsg, kPartial, "no MSG_OOB"},
    {"select", SysSelect, kFull, ""},
    {"semctl", nullptr, kNone, ""},
    {"semget", nullptr, kNone, ""},
    {"semop", nullptr, kNone, ""},
    {"semtimedop", nullptr, kNone, ""},
    {"sendmmsg", nullptr, kNone, ""},
    {"sendmsg", SysSendmsg, kPartial, "no destinations, no MSG_OOB"},
    {"sendto", SysSendto, kPartial, "no destinations"},
    {"setsockopt", SysSetsockopt, kPartial,
     "the SOL_SOCKET options that unnamed sockets have"},
    {"shutdown", SysShutdown, kFull, ""},
    {"signalfd", SysSignalfd, kFull, ""},
    {"signalfd4", SysSignalfd4, kFull, ""},
    {"socket", SysSocket, kRefused,
     "no network and no named sockets: EAFNOSUPPORT"},
    {"socketpair", SysSocketpair, kPartial, "AF_UNIX only"},
    {"splice", SysSplice, kFull, ""},
    {"tee", SysTee, kFull, ""},
    {"timerfd_create", SysTimerfdCreate, kFull, ""},
    {"timerfd_gettime", SysTimerfdGettime, kFull, ""},
    {"timerfd_settime", SysTimerfdSettime, kPartial,
     "TFD_TIMER_CANCEL_ON_SET never cancels"},
    {"userfaultfd", SysUserfaultfd, kFull, ""},
    {"vmsplice", SysVmsplice, kFull, ""},
};

}  // namespace

absl::Span<const SyscallSpec> IpcCalls() { return kCalls; }

}  // namespace faultline::os
