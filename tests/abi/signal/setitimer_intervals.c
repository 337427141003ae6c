// ITIMER_REAL fires again and again; getitimer shows what is left.
// Covers: plugin/linux/time/itimer.cc
#include <sys/time.h>

#include "tests/abi/check.h"

static volatile int g_ticks;
static void Handler(int signal) { g_ticks += signal == SIGALRM; }

int main(void) {
  struct sigaction action = {.sa_handler = Handler};
  MUST(sigaction(SIGALRM, &action, NULL));
  struct itimerval timer = {{0, 5000}, {0, 5000}}, left;
  MUST(setitimer(ITIMER_REAL, &timer, NULL));
  while (g_ticks < 5) pause();
  MUST(getitimer(ITIMER_REAL, &left));
  CHECK_EQ(left.it_interval.tv_usec, 5000);
  CHECK(left.it_value.tv_usec <= 5000);
  Ok("five ticks");

  timer = (struct itimerval){{0, 0}, {0, 0}};
  MUST(setitimer(ITIMER_REAL, &timer, &left));
  CHECK_EQ(left.it_interval.tv_usec, 5000);
  MUST(getitimer(ITIMER_REAL, &left));
  CHECK_EQ(left.it_value.tv_sec + left.it_value.tv_usec, 0);
  timer.it_value.tv_usec = 1000000;
  CHECK_FAILS(setitimer(ITIMER_REAL, &timer, NULL), EINVAL);
  CHECK_FAILS(setitimer(99, &timer, NULL), EINVAL);
  Ok("stopped; bad values refused");
}
