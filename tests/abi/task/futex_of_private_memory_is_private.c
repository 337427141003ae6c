// Copy-on-write copies of a word are different futexes.
// Covers: plugin/linux/futex/futex_key.cc
#include "tests/abi/task/futex.h"

static unsigned g_word;

static void Child(void) {
  struct timespec length = {0, 20000000};
  CHECK_FAILS(Futex(&g_word, FUTEX_WAIT, 0, &length, NULL, 0), ETIMEDOUT);
}

int main(void) {
  pid_t pid = MUST(fork());
  if (pid == 0) {
    Child();
    _exit(0);
  }
  AwaitSleeping(pid);
  CHECK_EQ(Futex(&g_word, FUTEX_WAKE, 10, NULL, NULL, 0), 0);
  int status;
  CHECK_EQ(waitpid(pid, &status, 0), pid);
  CHECK_EQ(status, 0);
  Ok("the parent's wake does not reach the child");
}
