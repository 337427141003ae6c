// The last close wakes who waits, and the accesses are ordinary ones: zeros for
// a missing page, a store to a protected one.

#include "tests/abi/uffd_threads.h"

int main(void) {
  int u = Uffd(UFFD_FEATURE_PAGEFAULT_FLAG_WP);
  char* area = Island(3, kReadWrite);
  area[2 * kPage] = 'p';
  Arm(u, area, 3 * kPage, kMissing | kWp);
  CHECK_EQ(WriteProtect(u, area + 2 * kPage, kPage, kProtect), 0);
  struct Toucher read, unread, wp;
  StartLoad(&read, area);
  CHECK_PAGEFAULT(NextMessage(u), area, kLoadFlags);
  StartStore(&wp, area + 2 * kPage);
  CHECK_PAGEFAULT(NextMessage(u), area + 2 * kPage, kWpFlags);
  StartLoad(&unread, area + kPage);
  struct pollfd p = {u, POLLIN, 0};
  CHECK_EQ(poll(&p, 1, 10000), 1);
  int twin = MUST(dup(u));
  MUST(close(u));
  CHECK(StillWaits(&read));
  Ok("one of two descriptors may be closed");

  MUST(close(twin));
  CHECK_EQ(Seen(&read), 0);
  CHECK_EQ(Seen(&unread), 0);
  CHECK_EQ(Seen(&wp), 'w');
  CHECK(!HasVmFlag(area, "um"));
  CHECK(!IsProtected(area + 2 * kPage));
  Ok("the last one lets them all go");
  return 0;
}
