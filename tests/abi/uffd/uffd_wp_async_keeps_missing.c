// WP_ASYNC concerns write faults only: missing pages are still reported.

#include "tests/abi/uffd_threads.h"

int main(void) {
  int u = Uffd(kFeatureWpAsync);
  char* area = Island(2, kReadWrite);
  area[0] = 'a';
  Arm(u, area, 2 * kPage, kMissing | kWp);
  CHECK_EQ(WriteProtect(u, area, 2 * kPage, kProtect), 0);
  area[0] = 'b';
  CHECK(!HasMessage(u));
  CHECK(!IsProtected(area));
  Ok("a store to a protected page is nobody's business");

  struct Toucher t;
  StartStore(&t, area + kPage);
  CHECK_PAGEFAULT(NextMessage(u), area + kPage, kStoreFlags);
  CHECK_DONE(Copy(u, area + kPage, Letter('c'), kPage, UFFDIO_COPY_MODE_WP),
             kPage);
  CHECK_EQ(Seen(&t), 'w');
  CHECK(!HasMessage(u));
  CHECK(!IsProtected(area + kPage));
  Ok("a missing page is reported, and only that");
  return 0;
}
