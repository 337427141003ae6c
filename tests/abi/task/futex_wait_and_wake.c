// FUTEX_WAIT sleeps while the word has the value; FUTEX_WAKE wakes at most as
// many as asked, across processes that share the page.
// Covers: plugin/linux/futex/wait.cc plugin/linux/futex/sys_futex.cc
#include "tests/abi/task/futex.h"

int main(void) {
  volatile unsigned* words = SharedWords();
  unsigned* word = (unsigned*)words;
  CHECK_FAILS(Futex(word, FUTEX_WAIT, 1, NULL, NULL, 0), EAGAIN);
  CHECK_EQ(Futex(word, FUTEX_WAKE, 10, NULL, NULL, 0), 0);
  Ok("another value is EAGAIN; nobody to wake");

  pid_t pids[3];
  for (int i = 0; i < 3; i++) {
    pids[i] = MUST(fork());
    if (pids[i] == 0) _exit(Futex(word, FUTEX_WAIT, 0, NULL, NULL, 0) != 0);
    AwaitSleeping(pids[i]);
  }
  CHECK_EQ(Futex(word, FUTEX_WAKE, 1, NULL, NULL, 0), 1);
  int status;
  CHECK(MUST(waitpid(-1, &status, 0)) == pids[0]);
  CHECK_EQ(status, 0);
  Ok("wakes one, the first");
  CHECK_EQ(Futex(word, FUTEX_WAKE, 10, NULL, NULL, 0), 2);
  for (int i = 0; i < 2; i++) {
    MUST(waitpid(-1, &status, 0));
    CHECK_EQ(status, 0);
  }
  Ok("wakes the rest");
}
