// Limits: soft under hard, not to be raised, inherited, and of others.
// Covers: plugin/linux/task/limit_calls.cc plugin/linux/task/rlimit.cc
#include <sys/resource.h>

#include "tests/abi/check.h"

static void Child(void) {
  struct rlimit limit;
  MUST(getrlimit(RLIMIT_NOFILE, &limit));
  CHECK_EQ(limit.rlim_cur, 20);
  int last = -1, fd;
  while ((fd = dup(0)) >= 0) last = fd;
  CHECK_EQ(errno, EMFILE);
  CHECK_EQ(last, 19);
  MUST(setresuid(65534, 65534, 65534));
  limit = (struct rlimit){20, 31};
  CHECK_FAILS(setrlimit(RLIMIT_NOFILE, &limit), EPERM);
  limit.rlim_max = 30;
  MUST(setrlimit(RLIMIT_NOFILE, &limit));
}

int main(void) {
  struct rlimit limit = {20, 30}, old;
  MUST(setrlimit(RLIMIT_NOFILE, &limit));
  CHECK_EQ(RunChild(Child), 0);
  Ok("inherited, enforced, not to be raised");
  limit.rlim_cur = 31;
  CHECK_FAILS(setrlimit(RLIMIT_NOFILE, &limit), EINVAL);
  CHECK_FAILS(getrlimit(99, &limit), EINVAL);
  limit = (struct rlimit){25, 28};
  MUST(prlimit(getpid(), RLIMIT_NOFILE, &limit, &old));
  CHECK_EQ(old.rlim_cur, 20);
  MUST(getrlimit(RLIMIT_NOFILE, &limit));
  CHECK_EQ(limit.rlim_cur, 25);
  CHECK_EQ(limit.rlim_max, 28);
  CHECK_FAILS(prlimit(999999999, RLIMIT_NOFILE, NULL, &old), ESRCH);
  Ok("soft over hard is EINVAL; prlimit");
}
