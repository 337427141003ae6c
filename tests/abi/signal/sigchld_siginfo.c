// SIGCHLD tells who died and how; SA_NOCLDWAIT leaves no zombies.
#include "tests/abi/check.h"

static volatile siginfo_t g_info;
static volatile int g_calls;

static void Handler(int signal, siginfo_t* info, void* context) {
  (void)signal, (void)context;
  g_info = *info;
  g_calls++;
}

static void ExitFive(void) { _exit(5); }
static void Die(void) { kill(getpid(), SIGTERM); }

int main(void) {
  struct sigaction action = {.sa_sigaction = Handler,
                             .sa_flags = SA_SIGINFO | SA_RESTART};
  MUST(sigaction(SIGCHLD, &action, NULL));
  RunChild(ExitFive);
  CHECK_EQ(g_calls, 1);
  CHECK_EQ(g_info.si_code, CLD_EXITED);
  CHECK_EQ(g_info.si_status, 5);
  RunChild(Die);
  CHECK_EQ(g_info.si_code, CLD_KILLED);
  CHECK_EQ(g_info.si_status, SIGTERM);
  Ok("exited 5; killed by SIGTERM");

  action.sa_flags |= SA_NOCLDWAIT;
  MUST(sigaction(SIGCHLD, &action, NULL));
  if (MUST(fork()) == 0) _exit(1);
  CHECK_FAILS(waitpid(-1, NULL, 0), ECHILD);
  Ok("no zombie to wait for");
}
