// setpgid and setsid, and signals to a whole group.
// Covers: plugin/linux/task/id_calls.cc
#include "tests/abi/check.h"

static void Child(void) {
  MUST(setpgid(0, 0));
  CHECK_EQ(getpgrp(), getpid());
  CHECK_FAILS(setsid(), EPERM);  // a group leader may not
  pid_t pid = MUST(fork());
  if (pid == 0) {
    CHECK_EQ(getpgrp(), getppid());
    CHECK_EQ(MUST(setsid()), getpid());
    CHECK_EQ(getsid(0), getpid());
    CHECK_EQ(getpgrp(), getpid());
    _exit(0);
  }
  int status;
  CHECK_EQ(waitpid(pid, &status, 0), pid);
  CHECK_EQ(status, 0);
  kill(0, SIGTERM);
}

int main(void) {
  int status = RunChild(Child);
  CHECK(WIFSIGNALED(status));
  CHECK_EQ(WTERMSIG(status), SIGTERM);
  Ok("the group's signal stayed in the group");
  CHECK_FAILS(setpgid(999999999, 0), ESRCH);
  CHECK_FAILS(setpgid(0, -1), EINVAL);
  CHECK_FAILS(getpgid(999999999), ESRCH);
  CHECK_EQ(getpgid(0), getpgrp());
  Ok("errors");
}
