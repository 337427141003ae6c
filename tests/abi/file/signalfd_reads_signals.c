// A signalfd hands blocked signals of its mask to whoever reads it, once.
// Covers: plugin/linux/ipc/signalfd.cc
#include <poll.h>
#include <sys/signalfd.h>

#include "tests/abi/check.h"

int main(void) {
  sigset_t mask;
  sigemptyset(&mask);
  sigaddset(&mask, SIGUSR1);
  MUST(sigprocmask(SIG_BLOCK, &mask, NULL));
  int fd = MUST(signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC));
  CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
  struct signalfd_siginfo info[2];
  CHECK_FAILS(read(fd, info, sizeof info), EAGAIN);
  struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
  CHECK_EQ(poll(&poll_fd, 1, 0), 0);
  MUST(kill(getpid(), SIGUSR1));
  CHECK_EQ(poll(&poll_fd, 1, 0), 1);
  CHECK_EQ(poll_fd.revents, POLLIN);
  CHECK_EQ(read(fd, info, sizeof info), sizeof info[0]);
  CHECK_EQ(info[0].ssi_signo, SIGUSR1);
  CHECK_EQ(info[0].ssi_code, SI_USER);
  CHECK_EQ(info[0].ssi_pid, getpid());
  CHECK_EQ(info[0].ssi_uid, 0);
  CHECK_FAILS(read(fd, info, sizeof info), EAGAIN);
  Ok("a signal is read once");

  sigaddset(&mask, SIGRTMIN);
  CHECK_EQ(signalfd(fd, &mask, 0), fd);
  MUST(sigprocmask(SIG_BLOCK, &mask, NULL));
  for (int i = 0; i < 2; i++) {
    MUST(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 40 + i}));
  }
  CHECK_EQ(read(fd, info, sizeof info), sizeof info);
  CHECK_EQ(info[0].ssi_int, 40);
  CHECK_EQ(info[1].ssi_int, 41);
  CHECK_EQ(info[1].ssi_code, SI_QUEUE);
  Ok("its mask can change, and queued signals keep their order");

  CHECK_FAILS(read(fd, info, 8), EINVAL);
  CHECK_FAILS(signalfd(-1, &mask, 1), EINVAL);
  CHECK_FAILS(signalfd(0x7fff, &mask, 0), EBADF);
  int ends[2];
  MUST(pipe(ends));
  CHECK_FAILS(signalfd(ends[0], &mask, 0), EINVAL);
  CHECK_FAILS(syscall(SYS_signalfd4, -1, &mask, 4, 0), EINVAL);
  Ok("what is refused");
}
