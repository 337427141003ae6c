// An interrupted nanosleep says how much was left; clock_nanosleep to a past
// time returns at once.
// Covers: plugin/linux/time/sleep_calls.cc
#include <sys/time.h>
#include <time.h>

#include "tests/abi/check.h"

static void Handler(int signal) { (void)signal; }

int main(void) {
  struct sigaction action = {.sa_handler = Handler};
  MUST(sigaction(SIGALRM, &action, NULL));
  struct itimerval in_10ms = {.it_value = {0, 10000}};
  struct timespec request = {100, 0}, left = {0, 0};
  MUST(setitimer(ITIMER_REAL, &in_10ms, NULL));
  CHECK_FAILS(nanosleep(&request, &left), EINTR);
  CHECK(left.tv_sec >= 98 && left.tv_sec <= 99);
  Ok("what was left");

  struct timespec before, after, bad = {0, 1000000000},
                                 short_time = {0, 3000000};
  MUST(clock_gettime(CLOCK_MONOTONIC, &before));
  MUST(nanosleep(&short_time, NULL));
  MUST(clock_gettime(CLOCK_MONOTONIC, &after));
  long passed = (after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec -
                before.tv_nsec;
  CHECK(passed >= 3000000);
  Ok("at least as long as asked");
  CHECK_FAILS(nanosleep(&bad, NULL), EINVAL);
  CHECK_EQ(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &before, NULL), 0);
  CHECK_EQ(clock_nanosleep(99, 0, &short_time, NULL), EINVAL);
  Ok("bad values; a time gone by");
}
