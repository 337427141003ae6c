// pidfd_open names a process; pidfd_send_signal reaches it; a dead one is
// ESRCH.
// Covers: plugin/linux/task/pidfd.cc
// Covers: plugin/linux/signal/kill_calls.cc
#include "tests/abi/check.h"

static int PidfdOpen(pid_t pid, unsigned flags) {
  return (int)syscall(SYS_pidfd_open, pid, flags);
}

int main(void) {
  pid_t pid = MUST(fork());
  if (pid == 0) {
    for (;;) pause();
  }
  int pidfd = MUST(PidfdOpen(pid, 0));
  CHECK_EQ(MUST(fcntl(pidfd, F_GETFD)), FD_CLOEXEC);
  MUST(syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0));
  MUST(syscall(SYS_pidfd_send_signal, pidfd, SIGTERM, NULL, 0));
  int status;
  CHECK_EQ(waitpid(pid, &status, 0), pid);
  CHECK_EQ(WTERMSIG(status), SIGTERM);
  Ok("signalled");
  CHECK_FAILS(syscall(SYS_pidfd_send_signal, pidfd, SIGTERM, NULL, 0), ESRCH);
  CHECK_FAILS(PidfdOpen(pid, 0), ESRCH);
  CHECK_FAILS(PidfdOpen(-1, 0), EINVAL);
  CHECK_FAILS(PidfdOpen(getpid(), 1u << 31), EINVAL);
  CHECK_FAILS(syscall(SYS_pidfd_send_signal, 0, SIGTERM, NULL, 0), EBADF);
  Ok("errors");
}
