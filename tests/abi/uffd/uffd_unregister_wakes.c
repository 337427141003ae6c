// UNREGISTER wakes who waits in the range: the fault is tried again and is an
// ordinary one now.

#include "tests/abi/uffd_threads.h"

int main(void) {
  int u = Uffd(UFFD_FEATURE_PAGEFAULT_FLAG_WP);
  char* area = Island(3, kReadWrite);
  area[2 * kPage] = 'p';
  Arm(u, area, 3 * kPage, kMissing | kWp);
  CHECK_EQ(WriteProtect(u, area + 2 * kPage, kPage, kProtect), 0);
  struct Toucher load, store, wp;
  StartLoad(&load, area);
  CHECK_PAGEFAULT(NextMessage(u), area, kLoadFlags);
  StartStore(&store, area + kPage);
  CHECK_PAGEFAULT(NextMessage(u), area + kPage, kStoreFlags);
  StartStore(&wp, area + 2 * kPage);
  CHECK_PAGEFAULT(NextMessage(u), area + 2 * kPage, kWpFlags);
  CHECK_EQ(Unregister(u, area, kPage), 0);
  CHECK_EQ(Seen(&load), 0);
  CHECK(StillWaits(&store));
  CHECK(StillWaits(&wp));
  Ok("one is woken, the others outside the range are not");

  CHECK_EQ(Unregister(u, area, 3 * kPage), 0);
  CHECK_EQ(Seen(&store), 'w');
  CHECK_EQ(Seen(&wp), 'w');
  CHECK(!IsProtected(area + 2 * kPage));
  CHECK(!HasMessage(u));
  Ok("now they are");
  return 0;
}
