// A signal's handler runs while its thread waits for a page; then the access is
// tried again, and reported again.

#include "tests/abi/uffd_threads.h"

static volatile int g_handled;
static volatile pid_t g_tid;

static void OnSignal(int signal) {
  (void)signal;
  g_handled++;
  g_tid = (pid_t)syscall(SYS_gettid);
}

int main(void) {
  struct sigaction action = {.sa_handler = OnSignal};
  MUST(sigaction(SIGUSR1, &action, NULL));
  int u = Uffd(0);
  char* area = Island(2, kReadWrite);
  Arm(u, area, 2 * kPage, kMissing);
  struct Toucher t;
  StartLoad(&t, area);
  CHECK_PAGEFAULT(NextMessage(u), area, kLoadFlags);
  for (int i = 0; i < 3; i++) {
    CHECK_EQ(pthread_kill(t.thread, SIGUSR1), 0);
    CHECK_PAGEFAULT(NextMessage(u), area, kLoadFlags);
    CHECK_EQ(g_handled, i + 1);
  }
  CHECK_EQ(g_tid, t.tid);
  CHECK(StillWaits(&t));
  CHECK_DONE(Copy(u, area, Letter('a'), kPage, 0), kPage);
  CHECK_EQ(Seen(&t), 'a');
  Ok("three signals, three more messages");

  // One that is blocked does not interrupt.
  sigset_t set, old;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  CHECK_EQ(pthread_sigmask(SIG_BLOCK, &set, &old), 0);
  StartLoad(&t, area + kPage);
  CHECK_PAGEFAULT(NextMessage(u), area + kPage, kLoadFlags);
  CHECK_EQ(pthread_kill(t.thread, SIGUSR1), 0);
  CHECK(StillWaits(&t));
  CHECK(!HasMessage(u));
  CHECK_EQ(g_handled, 3);
  CHECK_DONE(Copy(u, area + kPage, Letter('b'), kPage, 0), kPage);
  CHECK_EQ(Seen(&t), 'b');
  Ok("a blocked one changes nothing");
  return 0;
}
