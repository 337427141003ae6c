// Clocks never go back; CPU clocks stand still asleep; unknown ones are EINVAL.
// Covers: plugin/linux/time/clock_calls.cc plugin/linux/time/sleep_calls.cc
// Covers: plugin/linux/loader/vdso.cc
#include <sys/time.h>
#include <time.h>

#include "tests/abi/check.h"

static int64_t Now(clockid_t clock) {
  struct timespec now;
  MUST(clock_gettime(clock, &now));
  CHECK(now.tv_nsec >= 0 && now.tv_nsec < 1000000000);
  return now.tv_sec * 1000000000ll + now.tv_nsec;
}

int main(void) {
  const clockid_t kClocks[] = {
      CLOCK_REALTIME,          CLOCK_MONOTONIC,     CLOCK_PROCESS_CPUTIME_ID,
      CLOCK_THREAD_CPUTIME_ID, CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE,
      CLOCK_MONOTONIC_COARSE,  CLOCK_BOOTTIME};
  for (size_t i = 0; i < sizeof kClocks / sizeof *kClocks; i++) {
    struct timespec resolution;
    MUST(clock_getres(kClocks[i], &resolution));
    CHECK(resolution.tv_sec == 0 && resolution.tv_nsec > 0);
    int64_t last = Now(kClocks[i]);
    for (int j = 0; j < 50; j++) {
      int64_t now = Now(kClocks[i]);
      CHECK(now >= last);
      last = now;
    }
  }
  Ok("eight clocks that never go back");

  int64_t cpu = Now(CLOCK_PROCESS_CPUTIME_ID), wall = Now(CLOCK_MONOTONIC);
  usleep(20000);
  CHECK(Now(CLOCK_MONOTONIC) - wall >= 20000000);
  CHECK(Now(CLOCK_PROCESS_CPUTIME_ID) - cpu < 15000000);
  Ok("sleep is wall time, not CPU time");

  struct timeval day;
  MUST(gettimeofday(&day, NULL));
  CHECK(llabs(Now(CLOCK_REALTIME) / 1000000000 - day.tv_sec) <= 1);
  struct timespec now;
  CHECK_FAILS(syscall(SYS_clock_gettime, 99, &now), EINVAL);
  Ok("gettimeofday agrees; no such clock");
}
