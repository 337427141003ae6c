// sched_yield returns 0; sched_getaffinity shows at least one CPU.
// Covers: plugin/linux/task/sched_calls.cc
#include <sched.h>

#include "tests/abi/check.h"

int main(void) {
  for (int i = 0; i < 100; i++) CHECK_EQ(sched_yield(), 0);
  cpu_set_t set;
  CPU_ZERO(&set);
  MUST(sched_getaffinity(0, sizeof set, &set));
  CHECK(CPU_COUNT(&set) >= 1);
  CHECK(CPU_ISSET(sched_getcpu(), &set));
  Ok("on a CPU it may use");
  CHECK_FAILS(sched_getaffinity(0, 1, &set), EINVAL);
  CHECK_FAILS(sched_getaffinity(999999999, sizeof set, &set), ESRCH);
  Ok("errors");
}
