// PR_SET_PDEATHSIG: the child is told when its parent dies.
// Covers: plugin/linux/task/prctl.cc
#include <sys/prctl.h>

#include "tests/abi/check.h"

int main(void) {
  int fds[2];
  MUST(pipe(fds));
  MUST(prctl(PR_SET_CHILD_SUBREAPER, 1));
  pid_t middle = MUST(fork());
  if (middle == 0) {
    pid_t pid = MUST(fork());
    if (pid == 0) {
      MUST(prctl(PR_SET_PDEATHSIG, SIGTERM));
      int signal = 0;
      MUST(prctl(PR_GET_PDEATHSIG, &signal));
      CHECK_EQ(signal, SIGTERM);
      CHECK_EQ(write(fds[1], "", 1), 1);
      for (;;) pause();
    }
    char byte;
    CHECK_EQ(read(fds[0], &byte, 1), 1);
    _exit(0);
  }
  int status;
  CHECK_EQ(waitpid(middle, &status, 0), middle);
  CHECK_EQ(status, 0);
  MUST(wait(&status));
  CHECK(WIFSIGNALED(status));
  CHECK_EQ(WTERMSIG(status), SIGTERM);
  Ok("SIGTERM at the parent's death");
}
