// Leaving a handler by siglongjmp restores the mask that sigsetjmp saved;
// longjmp leaves the signal blocked.
#include <setjmp.h>

#include "tests/abi/check.h"

static sigjmp_buf g_back;
static void Handler(int signal) { siglongjmp(g_back, signal); }

static bool Blocked(void) {
  sigset_t now;
  MUST(sigprocmask(SIG_BLOCK, NULL, &now));
  return sigismember(&now, SIGUSR1) == 1;
}

int main(void) {
  struct sigaction action = {.sa_handler = Handler};
  MUST(sigaction(SIGUSR1, &action, NULL));
  for (int i = 0; i < 100; i++) {
    int value = sigsetjmp(g_back, 1);
    if (value == 0) {
      raise(SIGUSR1);
      FAIL("not delivered");
    }
    CHECK_EQ(value, SIGUSR1);
    CHECK(!Blocked());
  }
  Ok("mask restored, a hundred times");
  if (sigsetjmp(g_back, 0) == 0) raise(SIGUSR1);
  CHECK(Blocked());
  Ok("mask kept when not saved");
}
