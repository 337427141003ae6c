// wait4 and waitid: which child, without waiting, without reaping, nobody.
// Covers: plugin/linux/task/wait.cc plugin/linux/task/rusage.cc
// Covers: plugin/linux/task/run_loop.cc
#include <sys/resource.h>

#include "tests/abi/check.h"

static pid_t Exiting(int code) {
  pid_t pid = MUST(fork());
  if (pid == 0) _exit(code);
  return pid;
}

int main(void) {
  CHECK_FAILS(wait(NULL), ECHILD);
  pid_t one = Exiting(1), two = Exiting(2);
  int status;
  struct rusage usage;
  CHECK_EQ(wait4(two, &status, 0, &usage), two);
  CHECK_EQ(WEXITSTATUS(status), 2);
  CHECK_EQ(waitpid(-1, &status, 0), one);
  CHECK_EQ(WEXITSTATUS(status), 1);
  CHECK_FAILS(waitpid(one, NULL, 0), ECHILD);
  Ok("by pid, any, nobody");

  int fds[2];
  MUST(pipe(fds));
  pid_t waiting = MUST(fork());
  if (waiting == 0) {
    char byte;
    _exit(read(fds[0], &byte, 1) == 1 ? 3 : 4);
  }
  CHECK_EQ(waitpid(waiting, &status, WNOHANG), 0);
  siginfo_t info = {.si_pid = 99};
  MUST(waitid(P_PID, (id_t)waiting, &info, WEXITED | WNOHANG));
  CHECK_EQ(info.si_pid, 0);
  CHECK_EQ(write(fds[1], "", 1), 1);
  Ok("WNOHANG: not yet");

  MUST(waitid(P_ALL, 0, &info, WEXITED | WNOWAIT));
  CHECK_EQ(info.si_pid, waiting);
  CHECK_EQ(info.si_signo, SIGCHLD);
  CHECK_EQ(info.si_code, CLD_EXITED);
  CHECK_EQ(info.si_status, 3);
  CHECK_EQ(waitpid(waiting, &status, 0), waiting);
  Ok("WNOWAIT leaves it to be waited for");
  CHECK_FAILS(waitid(P_ALL, 0, &info, 0), EINVAL);
  CHECK_FAILS(waitid(P_ALL, 0, &info, WEXITED), ECHILD);
  CHECK_FAILS(waitpid(-1, NULL, 64), EINVAL);
  Ok("errors");
}
