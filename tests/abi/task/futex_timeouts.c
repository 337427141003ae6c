// FUTEX_WAIT takes a length of time, FUTEX_WAIT_BITSET a point in time.
// Covers: plugin/linux/futex/sys_futex.cc plugin/linux/futex/wait.cc
#include "tests/abi/task/futex.h"

int main(void) {
  unsigned word = 0;
  struct timespec before, after, length = {0, 3000000}, bad = {0, -1};
  MUST(clock_gettime(CLOCK_MONOTONIC, &before));
  CHECK_FAILS(Futex(&word, FUTEX_WAIT, 0, &length, NULL, 0), ETIMEDOUT);
  MUST(clock_gettime(CLOCK_MONOTONIC, &after));
  long passed = (after.tv_sec - before.tv_sec) * 1000000000 + after.tv_nsec -
                before.tv_nsec;
  CHECK(passed >= 3000000);
  Ok("relative");
  CHECK_FAILS(Futex(&word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, 0, &before,
                    NULL, ~0u),
              ETIMEDOUT);
  after.tv_nsec += 3000000;
  if (after.tv_nsec >= 1000000000) after.tv_nsec -= 1000000000, after.tv_sec++;
  CHECK_FAILS(Futex(&word, FUTEX_WAIT_BITSET, 0, &after, NULL, ~0u), ETIMEDOUT);
  Ok("absolute");
  CHECK_FAILS(Futex(&word, FUTEX_WAIT, 0, &bad, NULL, 0), EINVAL);
  CHECK_FAILS(Futex(&word, FUTEX_WAIT_BITSET, 0, NULL, NULL, 0), EINVAL);
  CHECK_FAILS(Futex((char*)&word + 1, FUTEX_WAIT, 0, NULL, NULL, 0), EINVAL);
  CHECK_FAILS(Futex(Island(1, PROT_NONE), FUTEX_WAIT, 0, NULL, NULL, 0),
              EFAULT);
  CHECK_FAILS(Futex(&word, 99, 0, NULL, NULL, 0), ENOSYS);
  Ok("errors");
}
