// UFFDIO_WRITEPROTECT: a store to a protected page is reported before it
// happens, a load is not; taking the protection away lets the thread go on.

#include "tests/abi/uffd_threads.h"

int main(void) {
  int u = Uffd(UFFD_FEATURE_PAGEFAULT_FLAG_WP);
  char* area = Island(2, kReadWrite);
  memset(area, 'a', 2 * kPage);
  Arm(u, area, 2 * kPage, kWp);
  area[0] = 'b';
  CHECK(!IsProtected(area));
  Ok("registration alone protects nothing");

  CHECK_EQ(WriteProtect(u, area, 2 * kPage, kProtect), 0);
  CHECK(IsProtected(area));
  CHECK_EQ(area[0], 'b');
  struct Toucher t;
  StartStore(&t, area + 77);
  CHECK_PAGEFAULT(NextMessage(u), area, kWpFlags);
  CHECK(StillWaits(&t));
  CHECK_EQ(area[77], 'a');
  CHECK_EQ(WriteProtect(u, area, kPage, 0), 0);
  CHECK_EQ(Seen(&t), 'w');
  CHECK(!IsProtected(area));
  CHECK(IsProtected(area + kPage));
  Ok("a store waits until its page is free");

  area[0] = 'c';
  CHECK(!HasMessage(u));
  CHECK_EQ(WriteProtect(u, area, kPage, kProtect), 0);
  StartStore(&t, area);
  CHECK_PAGEFAULT(NextMessage(u), area, kWpFlags);
  CHECK_EQ(WriteProtect(u, area, 2 * kPage, 0), 0);
  CHECK_EQ(Seen(&t), 'w');
  Ok("and can be caught again");
  return 0;
}
