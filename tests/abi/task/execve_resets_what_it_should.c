// exec closes FD_CLOEXEC descriptors, resets handlers but not ignored signals,
// keeps the mask and pending signals, the pid, and changes the name.
// Covers: plugin/linux/task/exec.cc plugin/linux/task/prctl.cc
#include <sys/prctl.h>

#include "tests/abi/check.h"

static void Handler(int signal) { (void)signal; }

static int Inside(char** argv) {
  CHECK_EQ(atoi(argv[2]), getpid());
  int kept = atoi(argv[3]), closed = atoi(argv[4]);
  MUST(fcntl(kept, F_GETFD));
  CHECK_FAILS(fcntl(closed, F_GETFD), EBADF);
  Ok("descriptors");
  struct sigaction action;
  MUST(sigaction(SIGUSR1, NULL, &action));
  CHECK(action.sa_handler == SIG_DFL);
  MUST(sigaction(SIGUSR2, NULL, &action));
  CHECK(action.sa_handler == SIG_IGN);
  sigset_t set;
  MUST(sigprocmask(SIG_BLOCK, NULL, &set));
  CHECK(sigismember(&set, SIGTERM));
  MUST(sigpending(&set));
  CHECK(sigismember(&set, SIGTERM));
  stack_t stack;
  MUST(sigaltstack(NULL, &stack));
  CHECK_EQ(stack.ss_flags, SS_DISABLE);
  Ok("signals");
  char name[16];
  MUST(prctl(PR_GET_NAME, name));
  CHECK(strcmp(name, "renamed") != 0);
  Ok("name");
  return 0;
}

int main(int argc, char** argv) {
  if (argc == 5) return Inside(argv);
  char pid[16], kept[16], closed[16];
  snprintf(pid, sizeof pid, "%d", getpid());
  snprintf(kept, sizeof kept, "%d", MUST(dup(0)));
  snprintf(closed, sizeof closed, "%d", MUST(fcntl(0, F_DUPFD_CLOEXEC, 0)));
  MUST(prctl(PR_SET_NAME, "renamed"));
  struct sigaction action = {.sa_handler = Handler};
  MUST(sigaction(SIGUSR1, &action, NULL));
  action.sa_handler = SIG_IGN;
  MUST(sigaction(SIGUSR2, &action, NULL));
  static char altstack[65536];
  stack_t stack = {.ss_sp = altstack, .ss_size = sizeof altstack};
  MUST(sigaltstack(&stack, NULL));
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  MUST(sigprocmask(SIG_BLOCK, &set, NULL));
  raise(SIGTERM);
  execl("/proc/self/exe", "x", "inside", pid, kept, closed, NULL);
  FAIL("execl");
}
