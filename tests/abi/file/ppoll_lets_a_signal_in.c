// ppoll and pselect wait with another signal mask: a pending signal interrupts
// them and the old mask comes back.
// Covers: plugin/linux/ipc/poll_calls.cc plugin/linux/ipc/poll_time.cc
#include <poll.h>
#include <sys/select.h>

#include "tests/abi/check.h"

static volatile int g_calls;
static void Handler(int signal) { g_calls += signal == SIGUSR1; }

int main(void) {
  struct sigaction action = {.sa_handler = Handler};
  MUST(sigaction(SIGUSR1, &action, NULL));
  sigset_t usr1, none, now;
  sigemptyset(&usr1);
  sigaddset(&usr1, SIGUSR1);
  sigemptyset(&none);
  MUST(sigprocmask(SIG_BLOCK, &usr1, NULL));
  raise(SIGUSR1);
  CHECK_FAILS(ppoll(NULL, 0, NULL, &none), EINTR);
  CHECK_EQ(g_calls, 1);
  raise(SIGUSR1);
  CHECK_FAILS(pselect(0, NULL, NULL, NULL, NULL, &none), EINTR);
  CHECK_EQ(g_calls, 2);
  Ok("interrupted");
  MUST(sigprocmask(SIG_BLOCK, NULL, &now));
  CHECK(sigismember(&now, SIGUSR1));
  raise(SIGUSR1);
  struct timespec zero = {0, 0};
  CHECK_EQ(ppoll(NULL, 0, &zero, NULL), 0);
  CHECK_EQ(g_calls, 2);
  Ok("and masked again");
}
