// SA_RESETHAND: the handler runs once, the second signal has its default.
#include "tests/abi/check.h"

static volatile int g_calls;
static void Handler(int signal) { g_calls += signal == SIGUSR1; }

static void Child(void) {
  struct sigaction action = {.sa_handler = Handler, .sa_flags = SA_RESETHAND};
  MUST(sigaction(SIGUSR1, &action, NULL));
  raise(SIGUSR1);
  CHECK_EQ(g_calls, 1);
  MUST(sigaction(SIGUSR1, NULL, &action));
  CHECK(action.sa_handler == SIG_DFL);
  raise(SIGUSR1);
}

int main(void) {
  int status = RunChild(Child);
  CHECK(WIFSIGNALED(status));
  CHECK_EQ(WTERMSIG(status), SIGUSR1);
  Ok("handled once, then killed");
}
