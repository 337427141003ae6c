// sigtimedwait takes a blocked signal with its siginfo, or times out.
// Covers: plugin/linux/signal/wait_calls.cc
#include <time.h>

#include "tests/abi/check.h"

int main(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, SIGRTMIN + 2);
  MUST(sigprocmask(SIG_BLOCK, &set, NULL));
  struct timespec none = {0, 0}, short_time = {0, 1000000}, bad = {0, -1};
  siginfo_t info;
  CHECK_FAILS(sigtimedwait(&set, &info, &none), EAGAIN);
  CHECK_FAILS(sigtimedwait(&set, &info, &short_time), EAGAIN);
  CHECK_FAILS(sigtimedwait(&set, &info, &bad), EINVAL);
  Ok("times out");

  MUST(kill(getpid(), SIGUSR1));
  CHECK_EQ(sigtimedwait(&set, &info, &none), SIGUSR1);
  CHECK_EQ(info.si_code, SI_USER);
  CHECK_EQ(info.si_pid, getpid());
  Ok("takes a pending signal");

  pid_t parent = getpid(), pid = MUST(fork());
  if (pid == 0) {
    usleep(10000);
    sigqueue(parent, SIGRTMIN + 2, (union sigval){.sival_int = 77});
    _exit(0);
  }
  CHECK_EQ(sigwaitinfo(&set, &info), SIGRTMIN + 2);
  CHECK_EQ(info.si_code, SI_QUEUE);
  CHECK_EQ(info.si_value.sival_int, 77);
  CHECK_EQ(info.si_pid, pid);
  CHECK_EQ(waitpid(pid, NULL, 0), pid);
  Ok("waits for one to come");
}
