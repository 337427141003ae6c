// FUTEX_CMP_REQUEUE wakes some and moves others to a second word.
// Covers: plugin/linux/futex/requeue.cc
#include "tests/abi/task/futex.h"

int main(void) {
  unsigned* words = (unsigned*)SharedWords();
  pid_t pids[3];
  for (int i = 0; i < 3; i++) {
    pids[i] = MUST(fork());
    if (pids[i] == 0)
      _exit(Futex(&words[0], FUTEX_WAIT, 0, NULL, NULL, 0) != 0);
    AwaitSleeping(pids[i]);
  }
  CHECK_FAILS(Futex(&words[0], FUTEX_CMP_REQUEUE, 1, (void*)10, &words[1], 99),
              EAGAIN);
  CHECK_EQ(Futex(&words[0], FUTEX_CMP_REQUEUE, 1, (void*)10, &words[1], 0), 3);
  int status;
  CHECK_EQ(waitpid(pids[0], &status, 0), pids[0]);
  CHECK_EQ(status, 0);
  Ok("one woken, two moved");
  CHECK_EQ(Futex(&words[0], FUTEX_WAKE, 10, NULL, NULL, 0), 0);
  CHECK_EQ(Futex(&words[1], FUTEX_WAKE, 10, NULL, NULL, 0), 2);
  for (int i = 1; i < 3; i++) {
    CHECK_EQ(waitpid(pids[i], &status, 0), pids[i]);
    CHECK_EQ(status, 0);
  }
  Ok("they wait at the second word");
}
