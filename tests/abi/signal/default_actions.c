// Default actions: terminate, terminate with a core, ignore, stop, continue.
// Covers: plugin/linux/signal/stop.cc plugin/linux/signal/send.cc
// Covers: plugin/linux/signal/deliver.cc
#include <sys/resource.h>

#include "tests/abi/check.h"

static volatile int g_signal;

static void Child(void) {
  struct rlimit none = {0, 0};
  MUST(setrlimit(RLIMIT_CORE, &none));
  raise(g_signal);
}

int main(void) {
  const int kDeadly[] = {SIGHUP,  SIGINT,  SIGKILL, SIGUSR1, SIGPIPE, SIGALRM,
                         SIGTERM, SIGABRT, SIGSEGV, SIGTRAP, SIGSYS,  SIGRTMIN};
  for (size_t i = 0; i < sizeof kDeadly / sizeof *kDeadly; i++) {
    g_signal = kDeadly[i];
    int status = RunChild(Child);
    CHECK(WIFSIGNALED(status));
    CHECK_EQ(WTERMSIG(status), g_signal);
  }
  Ok("killed");
  const int kHarmless[] = {SIGCHLD, SIGURG, SIGWINCH, SIGCONT};
  for (size_t i = 0; i < sizeof kHarmless / sizeof *kHarmless; i++) {
    g_signal = kHarmless[i];
    CHECK_EQ(RunChild(Child), 0);
  }
  Ok("ignored");

  pid_t pid = MUST(fork());
  if (pid == 0) {
    raise(SIGSTOP);
    _exit(7);
  }
  int status;
  CHECK_EQ(waitpid(pid, &status, WUNTRACED), pid);
  CHECK(WIFSTOPPED(status));
  CHECK_EQ(WSTOPSIG(status), SIGSTOP);
  MUST(kill(pid, SIGCONT));
  CHECK_EQ(waitpid(pid, &status, WCONTINUED), pid);
  CHECK(WIFCONTINUED(status));
  CHECK_EQ(waitpid(pid, &status, 0), pid);
  CHECK_EQ(WEXITSTATUS(status), 7);
  Ok("stopped and continued");
}
