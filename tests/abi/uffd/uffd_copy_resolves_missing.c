// UFFDIO_COPY: a missing page is reported with its address and whether it is
// written to; the copy is there, whole, before the waiting thread goes on.

#include "tests/abi/uffd_threads.h"

int main(void) {
  int u = Uffd(0);
  char* area = Island(3, kReadWrite);
  Arm(u, area, 3 * kPage, kMissing);
  struct Toucher t;
  StartLoad(&t, area + 100);
  CHECK_PAGEFAULT(NextMessage(u), area, kLoadFlags);
  CHECK(StillWaits(&t));
  CHECK_DONE(Copy(u, area, Letter('a'), kPage, 0), kPage);
  CHECK_EQ(Seen(&t), 'a');
  CHECK_EQ(memcmp(area, Letter('a'), kPage), 0);
  Ok("a load");

  StartStore(&t, area + kPage + 4095);
  CHECK_PAGEFAULT(NextMessage(u), area + kPage, kStoreFlags);
  CHECK_DONE(Copy(u, area + kPage, Letter('b'), kPage, 0), kPage);
  CHECK_EQ(Seen(&t), 'w');
  CHECK_EQ(memcmp(area + kPage, Letter('b'), kPage - 1), 0);
  Ok("a store");

  CHECK_DONE(Copy(u, area + 2 * kPage, Letter('c'), kPage, 0), kPage);
  CHECK_EQ(area[2 * kPage], 'c');
  CHECK(!HasMessage(u));
  Ok("a page that nobody waits for");
  return 0;
}
