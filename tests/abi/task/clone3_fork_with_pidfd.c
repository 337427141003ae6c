// clone3 as fork: exit signal, pidfd and tids are as asked.
// Covers: plugin/linux/task/clone_calls.cc plugin/linux/task/clone.cc
// Covers: plugin/linux/task/pidfd.cc
#include <linux/sched.h>
#include <poll.h>

#include "tests/abi/check.h"

int main(void) {
  int pidfd = -1;
  pid_t parent_tid = 0, child_tid = 0;
  struct clone_args args = {
      .flags = CLONE_PIDFD | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID,
      .pidfd = (uintptr_t)&pidfd,
      .parent_tid = (uintptr_t)&parent_tid,
      .child_tid = (uintptr_t)&child_tid,
      .exit_signal = SIGCHLD,
  };
  pid_t pid = (pid_t)MUST(syscall(SYS_clone3, &args, sizeof args));
  if (pid == 0) _exit(child_tid == syscall(SYS_gettid) ? 6 : 7);
  CHECK_EQ(parent_tid, pid);
  CHECK_EQ(child_tid, 0);
  struct pollfd poll_fd = {.fd = pidfd, .events = POLLIN};
  CHECK_EQ(poll(&poll_fd, 1, 5000), 1);
  Ok("the pidfd is readable when the child is dead");
  siginfo_t info;
  MUST(waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED));
  CHECK_EQ(info.si_pid, pid);
  CHECK_EQ(info.si_status, 6);
  Ok("waited for by pidfd");
}
