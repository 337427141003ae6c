// Several threads that fault in one page each have a message, and one COPY
// wakes all of them.

#include "tests/abi/uffd_threads.h"

enum { kThreads = 6 };

int main(void) {
  int u = Uffd(UFFD_FEATURE_THREAD_ID);
  char* area = Island(1, kReadWrite);
  Arm(u, area, kPage, kMissing);
  struct Toucher t[kThreads];
  bool told[kThreads] = {false};
  for (int i = 0; i < kThreads; i++) StartTouch(&t[i], area + i, i % 2);
  for (int i = 0; i < kThreads; i++) {
    struct uffd_msg message = NextMessage(u);
    int who = 0;
    while (who < kThreads &&
           t[who].tid != (pid_t)message.arg.pagefault.feat.ptid) {
      who++;
    }
    CHECK(who < kThreads);
    CHECK(!told[who]);
    told[who] = true;
    CHECK_PAGEFAULT(message, area, who % 2 ? kStoreFlags : kLoadFlags);
  }
  CHECK(!HasMessage(u));
  CHECK_DONE(Copy(u, area, Letter('a'), kPage, 0), kPage);
  for (int i = 0; i < kThreads; i++) CHECK_EQ(Seen(&t[i]), i % 2 ? 'w' : 'a');
  Ok("six messages, one answer");

  CHECK_REFUSED(Copy(u, area, Letter('b'), kPage, 0), EEXIST);
  Ok("a second answer is EEXIST");
  return 0;
}
