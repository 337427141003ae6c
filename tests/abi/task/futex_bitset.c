// FUTEX_WAKE_BITSET wakes only those whose bits meet its own.
#include "tests/abi/task/futex.h"

int main(void) {
  unsigned* word = (unsigned*)SharedWords();
  pid_t pids[2];
  for (int i = 0; i < 2; i++) {
    pids[i] = MUST(fork());
    if (pids[i] == 0)
      _exit(Futex(word, FUTEX_WAIT_BITSET, 0, NULL, NULL, 1u << i) != 0);
    AwaitSleeping(pids[i]);
  }
  CHECK_EQ(Futex(word, FUTEX_WAKE_BITSET, 10, NULL, NULL, 4), 0);
  CHECK_EQ(Futex(word, FUTEX_WAKE_BITSET, 10, NULL, NULL, 2), 1);
  int status;
  CHECK_EQ(waitpid(pids[1], &status, 0), pids[1]);
  CHECK_EQ(status, 0);
  Ok("the second by its bit");
  CHECK_EQ(Futex(word, FUTEX_WAKE, 10, NULL, NULL, 0), 1);
  CHECK_EQ(waitpid(pids[0], &status, 0), pids[0]);
  Ok("a plain wake matches any");
}
