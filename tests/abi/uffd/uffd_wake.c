// UFFDIO_WAKE: errors; a wake without a page makes the thread fault again.

#include "tests/abi/uffd_threads.h"

int main(void) {
  int u = Uffd(0);
  char* area = Island(2, kReadWrite);
  CHECK_EQ(Wake(u, area + 1, kPage), EINVAL);
  CHECK_EQ(Wake(u, area, 0), EINVAL);
  CHECK_EQ(Wake(u, area, 5), EINVAL);
  CHECK_EQ(Wake(u, area, 1ull << 63), EINVAL);
  CHECK_EQ(Wake(u, area, kPage), 0);
  CHECK_EQ(Wake(u, area - kPage, kPage), 0);
  Ok("memory need not be registered nor mapped");

  Arm(u, area, 2 * kPage, kMissing);
  struct Toucher t;
  StartLoad(&t, area);
  for (int i = 0; i < 3; i++) {
    CHECK_PAGEFAULT(NextMessage(u), area, kLoadFlags);
    CHECK_EQ(Wake(u, area + kPage, kPage), 0);
    CHECK(StillWaits(&t));
    CHECK(!HasMessage(u));
    CHECK_EQ(Wake(u, area, kPage), 0);
  }
  CHECK_PAGEFAULT(NextMessage(u), area, kLoadFlags);
  CHECK_DONE(Copy(u, area, Letter('a'), kPage, 0), kPage);
  CHECK_EQ(Seen(&t), 'a');
  Ok("the same fault is reported anew each time");
  return 0;
}
