// A handler runs system calls like any code: it forks, the child exits, it
// waits, and the interrupted code goes on.
#include "tests/abi/check.h"

static volatile int g_status = -1;

static void Handler(int signal) {
  (void)signal;
  pid_t pid = fork();
  if (pid == 0) _exit(9);
  int status;
  waitpid(pid, &status, 0);
  g_status = status;
}

int main(void) {
  struct sigaction action = {.sa_handler = Handler};
  MUST(sigaction(SIGUSR1, &action, NULL));
  raise(SIGUSR1);
  CHECK(WIFEXITED(g_status));
  CHECK_EQ(WEXITSTATUS(g_status), 9);
  Ok("forked in a handler");
}
