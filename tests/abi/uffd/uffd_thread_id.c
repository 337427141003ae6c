// THREAD_ID: messages name the thread that faulted.

#include "tests/abi/uffd_threads.h"

int main(void) {
  int u = Uffd(UFFD_FEATURE_THREAD_ID);
  char* area = Island(2, kReadWrite);
  Arm(u, area, 2 * kPage, kMissing);
  struct Toucher t;
  StartLoad(&t, area);
  struct uffd_msg message = NextMessage(u);
  CHECK_EQ(message.arg.pagefault.feat.ptid, t.tid);
  CHECK_DONE(ZeroPage(u, area, kPage, 0), kPage);
  CHECK_EQ(Seen(&t), 0);
  Ok("a thread");

  struct Filler filler;
  StartFiller(&filler, u, 1, 'f');
  int fds[2];
  MUST(pipe(fds));
  CHECK_EQ(write(fds[1], area + kPage, 1), 1);
  FinishFiller(&filler);
  CHECK_EQ(filler.last.arg.pagefault.feat.ptid, getpid());
  Ok("the main thread, in a system call");
  return 0;
}
