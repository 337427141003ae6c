// When a parent dies its children belong to the nearest subreaper.
// Covers: plugin/linux/task/exit.cc plugin/linux/task/prctl.cc
#include <sys/prctl.h>

#include "tests/abi/check.h"

int main(void) {
  MUST(prctl(PR_SET_CHILD_SUBREAPER, 1));
  int subreaper = 0, fds[2];
  MUST(prctl(PR_GET_CHILD_SUBREAPER, &subreaper));
  CHECK_EQ(subreaper, 1);
  MUST(pipe(fds));
  pid_t self = getpid(), middle = MUST(fork());
  if (middle == 0) {
    pid_t grandchild = MUST(fork());
    if (grandchild == 0) {
      while (getppid() != self) usleep(500);
      _exit(8);
    }
    CHECK_EQ(write(fds[1], &grandchild, sizeof grandchild), sizeof grandchild);
    _exit(0);
  }
  pid_t grandchild;
  CHECK_EQ(read(fds[0], &grandchild, sizeof grandchild), sizeof grandchild);
  int status;
  CHECK_EQ(waitpid(middle, &status, 0), middle);
  CHECK_EQ(waitpid(grandchild, &status, 0), grandchild);
  CHECK_EQ(WEXITSTATUS(status), 8);
  Ok("the grandchild became ours");
}
