// alarm replaces and cancels; SIGALRM kills by default.
// Covers: plugin/linux/time/itimer.cc
#include "tests/abi/check.h"

static void Child(void) {
  ualarm(10000, 0);
  for (;;) pause();
}

int main(void) {
  CHECK_EQ(alarm(100), 0);
  CHECK(alarm(200) >= 99);
  CHECK(alarm(0) >= 199);
  CHECK_EQ(alarm(0), 0);
  Ok("seconds that were left");
  int status = RunChild(Child);
  CHECK(WIFSIGNALED(status));
  CHECK_EQ(WTERMSIG(status), SIGALRM);
  Ok("kills");
}
