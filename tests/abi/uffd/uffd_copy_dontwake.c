// COPY with DONTWAKE fills the page and leaves waiting threads to UFFDIO_WAKE.

#include "tests/abi/uffd_threads.h"

int main(void) {
  int u = Uffd(0);
  char* area = Island(2, kReadWrite);
  Arm(u, area, 2 * kPage, kMissing);
  struct Toucher first, second;
  StartLoad(&first, area);
  CHECK_PAGEFAULT(NextMessage(u), area, kLoadFlags);
  StartLoad(&second, area + kPage);
  CHECK_PAGEFAULT(NextMessage(u), area + kPage, kLoadFlags);
  CHECK_DONE(Copy(u, area, Letter('a'), kPage, kDontWake), kPage);
  CHECK_DONE(Copy(u, area + kPage, Letter('b'), kPage, kDontWake), kPage);
  CHECK(StillWaits(&first));
  CHECK_EQ(area[0], 'a');
  Ok("the page is there, its thread waits");

  CHECK_EQ(Wake(u, area, kPage), 0);
  CHECK_EQ(Seen(&first), 'a');
  CHECK(StillWaits(&second));
  CHECK_EQ(Wake(u, area, 2 * kPage), 0);
  CHECK_EQ(Seen(&second), 'b');
  Ok("WAKE wakes those in its range");
  return 0;
}
