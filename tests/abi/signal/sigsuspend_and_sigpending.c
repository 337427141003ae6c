// A blocked signal is pending until sigsuspend lets it in; the old mask is
// back afterwards.
// Covers: plugin/linux/signal/wait_calls.cc
// Covers: plugin/linux/signal/action_calls.cc plugin/linux/signal/mask.cc
#include "tests/abi/check.h"

static volatile int g_calls;
static void Handler(int signal) { g_calls += signal == SIGUSR1; }

int main(void) {
  struct sigaction action = {.sa_handler = Handler};
  MUST(sigaction(SIGUSR1, &action, NULL));
  sigset_t usr1, none, pending, now;
  sigemptyset(&usr1);
  sigaddset(&usr1, SIGUSR1);
  sigemptyset(&none);
  MUST(sigprocmask(SIG_BLOCK, &usr1, NULL));
  raise(SIGUSR1);
  MUST(sigpending(&pending));
  CHECK(sigismember(&pending, SIGUSR1));
  CHECK_EQ(g_calls, 0);
  Ok("pending while blocked");

  CHECK_FAILS(sigsuspend(&none), EINTR);
  CHECK_EQ(g_calls, 1);
  MUST(sigprocmask(SIG_BLOCK, NULL, &now));
  CHECK(sigismember(&now, SIGUSR1));
  MUST(sigpending(&pending));
  CHECK(!sigismember(&pending, SIGUSR1));
  Ok("delivered inside sigsuspend, blocked again after");

  raise(SIGUSR1);
  action.sa_handler = SIG_IGN;
  MUST(sigaction(SIGUSR1, &action, NULL));
  MUST(sigpending(&pending));
  CHECK(!sigismember(&pending, SIGUSR1));
  Ok("ignoring discards what is pending");
}
