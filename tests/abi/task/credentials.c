// Real, effective and saved ids; root gives them up for good.
// Covers: plugin/linux/task/cred_calls.cc
#include <grp.h>

#include "tests/abi/check.h"

static void Child(void) {
  gid_t groups[] = {100, 200}, got[4];
  MUST((int)syscall(SYS_setgroups, 2, groups));
  CHECK_EQ(getgroups(0, NULL), 2);
  CHECK_EQ(getgroups(4, got), 2);
  CHECK_EQ(got[0] + got[1], 300);
  CHECK_FAILS(getgroups(1, got), EINVAL);
  MUST(setresgid(1, 2, 3));
  MUST(setresuid(1000, 1001, 1002));
  uid_t r, e, s;
  MUST(getresuid(&r, &e, &s));
  CHECK(r == 1000 && e == 1001 && s == 1002);
  CHECK_EQ(geteuid(), 1001);
  MUST(getresgid(&r, &e, &s));
  CHECK(r == 1 && e == 2 && s == 3);
  MUST(setresuid((uid_t)-1, 1002, (uid_t)-1));
  CHECK_EQ(geteuid(), 1002);
  CHECK_FAILS(setuid(0), EPERM);
  CHECK_FAILS(setresuid(5, -1, -1), EPERM);
  CHECK_FAILS((int)syscall(SYS_setgroups, 2, groups), EPERM);
  CHECK_FAILS(kill(getppid(), SIGTERM), EPERM);
}

int main(void) {
  CHECK_EQ(getuid(), 0);
  CHECK_EQ(RunChild(Child), 0);
  CHECK_EQ(getuid(), 0);
  Ok("ids set, checked, and the parent's untouched");
}
