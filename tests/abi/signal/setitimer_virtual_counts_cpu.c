// ITIMER_VIRTUAL runs while the process computes.
// Covers: plugin/linux/time/itimer.cc
#include <sys/time.h>

#include "tests/abi/check.h"

static volatile int g_ticks;
static void Handler(int signal) { g_ticks += signal == SIGVTALRM; }

int main(void) {
  struct sigaction action = {.sa_handler = Handler};
  MUST(sigaction(SIGVTALRM, &action, NULL));
  struct itimerval timer = {{0, 0}, {0, 10000}};
  MUST(setitimer(ITIMER_VIRTUAL, &timer, NULL));
  usleep(30000);
  CHECK_EQ(g_ticks, 0);
  Ok("not while asleep");
  while (g_ticks == 0) {
  }
  Ok("while computing");
}
