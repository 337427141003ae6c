// Writing with no reader: SIGPIPE, or EPIPE if that is ignored.
// Covers: plugin/linux/ipc/pipe_file.cc
#include "tests/abi/check.h"

static int g_fds[2];

static void Child(void) { (void)!write(g_fds[1], "x", 1); }

int main(void) {
  MUST(pipe(g_fds));
  close(g_fds[0]);
  int status = RunChild(Child);
  CHECK(WIFSIGNALED(status));
  CHECK_EQ(WTERMSIG(status), SIGPIPE);
  Ok("killed by SIGPIPE");
  signal(SIGPIPE, SIG_IGN);
  CHECK_FAILS(write(g_fds[1], "x", 1), EPIPE);
  Ok("EPIPE");
}
