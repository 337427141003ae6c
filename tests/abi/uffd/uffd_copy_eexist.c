// UFFDIO_COPY never replaces a page: EEXIST; it fills what follows only if the
// first page was missing.

#include "tests/abi/uffd.h"

int main(void) {
  int u = Uffd(0);
  char* area = Island(4, kReadWrite);
  char* src = Anonymous(4, kReadWrite);
  memset(src, 's', 4 * kPage);
  area[0] = 'x';
  (void)*(volatile char*)(area + 3 * kPage);  // the zero page
  Arm(u, area, 4 * kPage, kMissing);
  CHECK_REFUSED(Copy(u, area, src, kPage, 0), EEXIST);
  CHECK_REFUSED(Copy(u, area, src, 4 * kPage, 0), EEXIST);
  CHECK_EQ(area[0], 'x');
  CHECK(!IsPresent(area + kPage));
  Ok("a page that is there");

  CHECK_REFUSED(Copy(u, area + 3 * kPage, src, kPage, 0), EEXIST);
  CHECK_EQ(area[3 * kPage], 0);
  Ok("the zero page is one");

  CHECK_PARTIAL(Copy(u, area + kPage, src, 3 * kPage, 0), 2 * kPage);
  CHECK_EQ(area[2 * kPage], 's');
  CHECK_EQ(area[3 * kPage], 0);
  Ok("bytes done win over the error: EAGAIN and their number");

  CHECK_REFUSED(Copy(u, area + kPage, src, 3 * kPage, 0), EEXIST);
  Ok("who tries again learns the error");
  return 0;
}
