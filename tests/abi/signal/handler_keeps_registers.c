// Floating-point registers survive a handler that uses them, and the handler's
// context holds them.
// Covers: plugin/linux/abi_x86.cc plugin/linux/abi_arm64.cc
// Covers: plugin/linux/abi_base.cc plugin/linux/signal/deliver.cc
#include <sys/time.h>

#include "tests/abi/check.h"

static volatile int g_calls;
static volatile double g_noise = 1.5;

static void Handler(int signal) {
  (void)signal;
  for (int i = 0; i < 50; i++) g_noise = g_noise * 1.25 + 1.0 / (i + 1);
  if (g_noise > 1e100) g_noise = 1.5;
  g_calls++;
}

int main(void) {
  struct sigaction action = {.sa_handler = Handler};
  MUST(sigaction(SIGALRM, &action, NULL));
  struct itimerval timer = {{0, 2000}, {0, 2000}};
  MUST(setitimer(ITIMER_REAL, &timer, NULL));
  while (g_calls < 5) {
    double a = 1, b = 2, c = 3, d = 4;
    uint64_t w = 1, x = 2, y = 3, z = 4;
    for (int i = 0; i < 20000; i++) {
      a += 1, b += 2, c += 3, d += 4;
      w += 1, x += 2, y += 3, z += 4;
      __asm__ volatile("" : "+r"(w), "+r"(x), "+r"(y), "+r"(z));
    }
    CHECK(a == 20001 && b == 40002 && c == 60003 && d == 80004);
    CHECK(w == 20001 && x == 40002 && y == 60003 && z == 80004);
  }
  Ok("sums are right across five interruptions");
}
