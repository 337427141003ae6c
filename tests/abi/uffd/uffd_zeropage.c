// UFFDIO_ZEROPAGE: zeros for a missing page; of anonymous memory by the zero
// page, which a store replaces.

#include "tests/abi/uffd_threads.h"

int main(void) {
  int u = Uffd(0);
  char* area = Island(3, kReadWrite);
  Arm(u, area, 3 * kPage, kMissing);
  struct Toucher t;
  StartLoad(&t, area + 5);
  CHECK_PAGEFAULT(NextMessage(u), area, kLoadFlags);
  CHECK_DONE(ZeroPage(u, area, kPage, 0), kPage);
  CHECK_EQ(Seen(&t), 0);
  CHECK_EQ(SmapsField(area, "Rss:"), 0);
  CHECK(IsPresent(area));
  Ok("a load sees zeros, and no memory is used");

  StartStore(&t, area + kPage);
  CHECK_PAGEFAULT(NextMessage(u), area + kPage, kStoreFlags);
  CHECK_DONE(ZeroPage(u, area + kPage, kPage, kDontWake), kPage);
  CHECK(StillWaits(&t));
  CHECK_EQ(Wake(u, area + kPage, kPage), 0);
  CHECK_EQ(Seen(&t), 'w');
  CHECK_EQ(SmapsField(area, "Rss:"), 4);
  CHECK(!HasMessage(u));
  Ok("a store gets a page of its own, without asking again");

  CHECK_DONE(ZeroPage(u, area + 2 * kPage, kPage, 0), kPage);
  CHECK_EQ(area[2 * kPage], 0);
  Ok("nobody need wait");
  return 0;
}
