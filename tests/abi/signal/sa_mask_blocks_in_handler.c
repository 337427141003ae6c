// sa_mask is blocked while the handler runs and delivered when it returns.
// Covers: plugin/linux/signal/deliver.cc
#include "tests/abi/check.h"

static char g_order[8];
static volatile int g_length;

static void Handler(int signal) {
  g_order[g_length++] = signal == SIGUSR1 ? 'a' : 'c';
  if (signal == SIGUSR1) {
    raise(SIGUSR2);
    g_order[g_length++] = 'b';
  }
}

int main(void) {
  struct sigaction action = {.sa_handler = Handler};
  sigemptyset(&action.sa_mask);
  sigaddset(&action.sa_mask, SIGUSR2);
  MUST(sigaction(SIGUSR1, &action, NULL));
  MUST(sigaction(SIGUSR2, &action, NULL));
  raise(SIGUSR1);
  CHECK_EQ(strcmp(g_order, "abc"), 0);
  sigset_t now;
  MUST(sigprocmask(SIG_BLOCK, NULL, &now));
  CHECK(!sigismember(&now, SIGUSR2));
  Ok("after the first handler's end, the mask restored");
}
