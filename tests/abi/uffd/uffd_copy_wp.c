// COPY with MODE_WP: the page arrives write-protected.

#include "tests/abi/uffd_threads.h"

int main(void) {
  int u = Uffd(UFFD_FEATURE_PAGEFAULT_FLAG_WP);
  char* area = Island(2, kReadWrite);
  Arm(u, area, 2 * kPage, kMissing | kWp);
  struct Toucher t;
  StartStore(&t, area);
  CHECK_PAGEFAULT(NextMessage(u), area, kStoreFlags);
  CHECK_DONE(Copy(u, area, Letter('a'), kPage, UFFDIO_COPY_MODE_WP), kPage);
  CHECK_PAGEFAULT(NextMessage(u), area, kWpFlags);
  CHECK_EQ(area[0], 'a');
  CHECK(IsProtected(area));
  Ok("a store that was missing its page waits once more");

  CHECK_EQ(WriteProtect(u, area, kPage, 0), 0);
  CHECK_EQ(Seen(&t), 'w');
  CHECK(!IsProtected(area));
  Ok("until the protection is taken away");

  CHECK_DONE(Copy(u, area + kPage, Letter('b'), kPage,
                  UFFDIO_COPY_MODE_WP | kDontWake),
             kPage);
  CHECK(IsProtected(area + kPage));
  CHECK_EQ(area[kPage], 'b');
  Ok("with DONTWAKE too");
  return 0;
}
