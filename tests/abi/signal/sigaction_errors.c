// What sigaction, kill and sigprocmask refuse.
// Covers: plugin/linux/signal/action_calls.cc plugin/linux/signal/mask.cc
#include "tests/abi/check.h"

int main(void) {
  struct sigaction action = {.sa_handler = SIG_IGN};
  CHECK_FAILS(sigaction(SIGKILL, &action, NULL), EINVAL);
  CHECK_FAILS(sigaction(SIGSTOP, &action, NULL), EINVAL);
  CHECK_FAILS(sigaction(65, &action, NULL), EINVAL);
  CHECK_FAILS(sigaction(0, &action, NULL), EINVAL);
  Ok("SIGKILL and SIGSTOP cannot be handled");
  CHECK_FAILS(kill(getpid(), 65), EINVAL);
  CHECK_FAILS(kill(999999999, 0), ESRCH);
  MUST(kill(getpid(), 0));
  Ok("kill");
  sigset_t set;
  sigfillset(&set);
  CHECK_FAILS(sigprocmask(99, &set, NULL), EINVAL);
  MUST(sigprocmask(SIG_SETMASK, &set, NULL));
  MUST(sigprocmask(SIG_SETMASK, NULL, &set));
  CHECK(!sigismember(&set, SIGKILL));
  CHECK(!sigismember(&set, SIGSTOP));
  Ok("SIGKILL and SIGSTOP cannot be blocked");
  CHECK_FAILS(syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, NULL, 4), EINVAL);
  Ok("the size of a set is checked");
}
