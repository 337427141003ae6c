// waitpid of a negative pid and of zero waits for a process group.
// Covers: plugin/linux/task/wait.cc
#include "tests/abi/check.h"

int main(void) {
  pid_t own = MUST(fork());
  if (own == 0) _exit(setpgid(0, 0) ? 1 : 5);
  pid_t same = MUST(fork());
  if (same == 0) _exit(6);
  setpgid(own, own);  // whoever comes first; EACCES or ESRCH otherwise
  int status;
  CHECK_EQ(waitpid(0, &status, 0), same);
  CHECK_EQ(WEXITSTATUS(status), 6);
  Ok("zero: the caller's group");
  CHECK_EQ(waitpid(-own, &status, 0), own);
  CHECK_EQ(WEXITSTATUS(status), 5);
  Ok("negative: that group");
  CHECK_FAILS(waitpid(-own, &status, 0), ECHILD);
}
