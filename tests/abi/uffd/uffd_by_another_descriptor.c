// Filling asks whether the memory is registered, not with which descriptor of
// the process; but it wakes only those who wait for its own.

#include "tests/abi/uffd_threads.h"

int main(void) {
  int u = Uffd(UFFD_FEATURE_PAGEFAULT_FLAG_WP);
  int other = Uffd(UFFD_FEATURE_PAGEFAULT_FLAG_WP);
  char* area = Island(2, kReadWrite);
  Arm(u, area, 2 * kPage, kMissing | kWp);
  struct Toucher t;
  StartLoad(&t, area);
  CHECK_PAGEFAULT(NextMessage(u), area, kLoadFlags);
  CHECK(!HasMessage(other));
  CHECK_DONE(Copy(other, area, Letter('o'), kPage, 0), kPage);
  CHECK_EQ(area[0], 'o');
  CHECK(StillWaits(&t));
  CHECK_EQ(Wake(other, area, kPage), 0);
  CHECK(StillWaits(&t));
  CHECK_EQ(Wake(u, area, kPage), 0);
  CHECK_EQ(Seen(&t), 'o');
  Ok("COPY");

  CHECK_DONE(ZeroPage(other, area + kPage, kPage, 0), kPage);
  CHECK_EQ(WriteProtect(other, area, 2 * kPage, kProtect), 0);
  CHECK(IsProtected(area));
  StartStore(&t, area);
  CHECK_PAGEFAULT(NextMessage(u), area, kWpFlags);
  CHECK_EQ(WriteProtect(u, area, kPage, 0), 0);
  CHECK_EQ(Seen(&t), 'w');
  Ok("ZEROPAGE and WRITEPROTECT");
  return 0;
}
