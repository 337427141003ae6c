// Taking protection away with DONTWAKE leaves the thread waiting for a WAKE.

#include "tests/abi/uffd_threads.h"

int main(void) {
  int u = Uffd(UFFD_FEATURE_PAGEFAULT_FLAG_WP);
  char* area = Island(1, kReadWrite);
  memset(area, 'a', kPage);
  Arm(u, area, kPage, kWp);
  CHECK_EQ(WriteProtect(u, area, kPage, kProtect), 0);
  struct Toucher t;
  StartStore(&t, area);
  CHECK_PAGEFAULT(NextMessage(u), area, kWpFlags);
  CHECK_EQ(WriteProtect(u, area, kPage, UFFDIO_WRITEPROTECT_MODE_DONTWAKE), 0);
  CHECK(!IsProtected(area));
  CHECK(StillWaits(&t));
  CHECK_EQ(Wake(u, area, kPage), 0);
  CHECK_EQ(Seen(&t), 'w');
  Ok("WAKE ends it");

  // Protecting wakes nobody.
  CHECK_EQ(WriteProtect(u, area, kPage, kProtect), 0);
  StartStore(&t, area);
  CHECK_PAGEFAULT(NextMessage(u), area, kWpFlags);
  CHECK_EQ(WriteProtect(u, area, kPage, kProtect), 0);
  CHECK(StillWaits(&t));
  CHECK_EQ(WriteProtect(u, area, kPage, 0), 0);
  CHECK_EQ(Seen(&t), 'w');
  Ok("protecting wakes nobody");

  // A wake without taking it away makes the store fault again.
  CHECK_EQ(WriteProtect(u, area, kPage, kProtect), 0);
  StartStore(&t, area);
  CHECK_PAGEFAULT(NextMessage(u), area, kWpFlags);
  CHECK_EQ(Wake(u, area, kPage), 0);
  CHECK_PAGEFAULT(NextMessage(u), area, kWpFlags);
  CHECK_EQ(WriteProtect(u, area, kPage, 0), 0);
  CHECK_EQ(Seen(&t), 'w');
  Ok("nor does WAKE let a store through");
  return 0;
}
