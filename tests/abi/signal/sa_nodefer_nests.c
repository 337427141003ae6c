// A signal is blocked while its handler runs, unless SA_NODEFER.
#include "tests/abi/check.h"

static volatile int g_depth, g_deepest, g_calls;

static void Handler(int signal) {
  g_calls++;
  if (++g_depth > g_deepest) g_deepest = g_depth;
  if (g_calls < 3) raise(signal);
  g_depth--;
}

static void Run(int flags) {
  g_deepest = g_calls = 0;
  struct sigaction action = {.sa_handler = Handler, .sa_flags = flags};
  MUST(sigaction(SIGUSR1, &action, NULL));
  raise(SIGUSR1);
  CHECK_EQ(g_calls, 3);
}

int main(void) {
  Run(0);
  CHECK_EQ(g_deepest, 1);
  Ok("blocked inside: one after the other");
  Run(SA_NODEFER);
  CHECK_EQ(g_deepest, 3);
  Ok("SA_NODEFER: nested");
}
