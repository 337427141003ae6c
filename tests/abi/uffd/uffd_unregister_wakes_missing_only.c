// UNREGISTER of memory that has no MISSING mode wakes nobody: who waits to
// write there, or for a minor fault, needs a WAKE.

#include "tests/abi/uffd_threads.h"

int main(void) {
  int u = Uffd(UFFD_FEATURE_PAGEFAULT_FLAG_WP);
  char* area = Island(1, kReadWrite);
  area[0] = 'a';
  Arm(u, area, kPage, kWp);
  CHECK_EQ(WriteProtect(u, area, kPage, kProtect), 0);
  struct Toucher t;
  StartStore(&t, area);
  CHECK_PAGEFAULT(NextMessage(u), area, kWpFlags);
  CHECK_EQ(Unregister(u, area, kPage), 0);
  CHECK(StillWaits(&t));
  CHECK_EQ(Wake(u, area, kPage), 0);
  CHECK_EQ(Seen(&t), 'w');
  Ok("write-protected");

  int fd = LetterFile(1);
  char* file = MUST(mmap(NULL, kPage, kReadWrite, MAP_SHARED, fd, 0));
  Arm(u, file, kPage, kMinor);
  StartLoad(&t, file);
  CHECK_PAGEFAULT(NextMessage(u), file, kMinorFlags);
  CHECK_EQ(Unregister(u, file, kPage), 0);
  CHECK(StillWaits(&t));
  CHECK_EQ(Wake(u, file, kPage), 0);
  CHECK_EQ(Seen(&t), 'A');
  Ok("minor");
  return 0;
}
