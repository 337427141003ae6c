// With SA_RESTART a blocked read goes on after the handler; without, EINTR.
// Covers: plugin/linux/abi_x86.cc plugin/linux/abi_arm64.cc
#include "tests/abi/check.h"

static volatile int g_handled;
static void Handler(int signal) { g_handled += signal == SIGUSR1; }

// A child that signals the parent, and writes a byte once it is told.
static pid_t Signaller(int data, int go) {
  pid_t parent = getpid(), pid = MUST(fork());
  if (pid != 0) return pid;
  usleep(20000);
  kill(parent, SIGUSR1);
  char byte = 'r';
  if (go >= 0 && read(go, &byte, 1) != 1) _exit(1);
  usleep(20000);
  _exit(write(data, &byte, 1) != 1);
}

int main(void) {
  int pipe_fds[2], go[2], status;
  MUST(pipe(pipe_fds));
  MUST(pipe(go));
  struct sigaction action = {.sa_handler = Handler, .sa_flags = SA_RESTART};
  MUST(sigaction(SIGUSR1, &action, NULL));
  pid_t pid = Signaller(pipe_fds[1], -1);
  char byte = 0;
  CHECK_EQ(read(pipe_fds[0], &byte, 1), 1);
  CHECK_EQ(byte, 'r');
  CHECK_EQ(g_handled, 1);
  CHECK_EQ(waitpid(pid, &status, 0), pid);
  Ok("restarted");

  action.sa_flags = 0;
  MUST(sigaction(SIGUSR1, &action, NULL));
  pid = Signaller(pipe_fds[1], go[0]);
  CHECK_FAILS(read(pipe_fds[0], &byte, 1), EINTR);
  CHECK_EQ(g_handled, 2);
  CHECK_EQ(write(go[1], "i", 1), 1);
  CHECK_EQ(read(pipe_fds[0], &byte, 1), 1);
  CHECK_EQ(byte, 'i');
  CHECK_EQ(waitpid(pid, &status, 0), pid);
  Ok("EINTR, and the data still comes");
}
