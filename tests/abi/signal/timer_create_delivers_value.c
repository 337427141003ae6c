// A POSIX timer sends its signal with its value, and counts what it missed.
// Covers: plugin/linux/time/posix_timers.cc
#include <sys/resource.h>
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

  // As often as a clock can tell: the program gets its work done all the same.
  when = (struct itimerspec){{0, 1}, {0, 1}};
  MUST(timer_settime(timer, 0, &when, NULL));
  usleep(10000);
  CHECK_EQ(sigwaitinfo(&set, &info), SIGRTMIN);
  CHECK(info.si_overrun >= 1000000);
  when = (struct itimerspec){{0, 0}, {0, 0}};
  MUST(timer_settime(timer, 0, &when, NULL));
  Ok("an interval of 1 ns is many overruns in one step");

  // A pending signal from elsewhere does not swallow the timer's.
  timer_t alarm_timer;
  MUST(timer_create(CLOCK_MONOTONIC, NULL, &alarm_timer));
  sigaddset(&set, SIGALRM);
  MUST(sigprocmask(SIG_BLOCK, &set, NULL));
  MUST(kill(getpid(), SIGALRM));
  when = (struct itimerspec){{0, 0}, {0, 1000}};
  MUST(timer_settime(alarm_timer, 0, &when, NULL));
  usleep(1000);
  CHECK_EQ(sigwaitinfo(&set, &info), SIGALRM);
  CHECK_EQ(info.si_code, SI_USER);
  CHECK_EQ(sigwaitinfo(&set, &info), SIGALRM);
  CHECK_EQ(info.si_code, SI_TIMER);
  MUST(timer_delete(alarm_timer));
  Ok("a timer's signal is one of its own");

  struct rlimit limit, none;
  MUST(getrlimit(RLIMIT_SIGPENDING, &limit));
  none = (struct rlimit){0, limit.rlim_max};
  MUST(setrlimit(RLIMIT_SIGPENDING, &none));
  CHECK_FAILS(timer_create(CLOCK_MONOTONIC, NULL, &alarm_timer), EAGAIN);
  MUST(setrlimit(RLIMIT_SIGPENDING, &limit));
  Ok("RLIMIT_SIGPENDING counts timers");

  MUST(timer_delete(timer));
  CHECK_FAILS(timer_delete(timer), EINVAL);
  CHECK_FAILS(timer_create(99, &event, &timer), EINVAL);
  Ok("deleted; no such clock");
}
