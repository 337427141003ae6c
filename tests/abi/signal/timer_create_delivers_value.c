// A POSIX timer sends its signal with its value, and counts what it missed.
// Covers: plugin/linux/time/posix_timers.cc
#include <time.h>

#include "tests/abi/check.h"

int main(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGRTMIN);
  MUST(sigprocmask(SIG_BLOCK, &set, NULL));
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
                           .sigev_signo = SIGRTMIN,
                           .sigev_value = {.sival_int = 1234}};
  timer_t timer;
  MUST(timer_create(CLOCK_MONOTONIC, &event, &timer));
  struct itimerspec when = {{0, 0}, {0, 2000000}}, left;
  MUST(timer_settime(timer, 0, &when, NULL));
  siginfo_t info;
  CHECK_EQ(sigwaitinfo(&set, &info), SIGRTMIN);
  CHECK_EQ(info.si_code, SI_TIMER);
  CHECK_EQ(info.si_value.sival_int, 1234);
  MUST(timer_gettime(timer, &left));
  CHECK_EQ(left.it_value.tv_sec + left.it_value.tv_nsec, 0);
  Ok("fires once with its value");

  when = (struct itimerspec){{0, 1000000}, {0, 1000000}};
  MUST(timer_settime(timer, 0, &when, NULL));
  usleep(20000);
  CHECK_EQ(sigwaitinfo(&set, &info), SIGRTMIN);
  CHECK(MUST(timer_getoverrun(timer)) >= 5);
  Ok("one signal, overruns counted");

  MUST(timer_delete(timer));
  CHECK_FAILS(timer_delete(timer), EINVAL);
  CHECK_FAILS(timer_create(99, &event, &timer), EINVAL);
  Ok("deleted; no such clock");
}
