// UFFDIO_ZEROPAGE: its errors, and what is done before one.

#include "tests/abi/uffd.h"

int main(void) {
  int u = Uffd(0);
  char* area = Island(4, kReadWrite);
  CHECK_REFUSED(ZeroPage(u, area, kPage, 0), ENOENT);
  area[2 * kPage] = 'x';
  Arm(u, area, 4 * kPage, kMissing);
  CHECK_INVALID(ZeroPage(u, area + 1, kPage, 0), EINVAL);
  CHECK_INVALID(ZeroPage(u, area, 100, 0), EINVAL);
  CHECK_INVALID(ZeroPage(u, area, 0, 0), EINVAL);
  CHECK_INVALID(ZeroPage(u, area, kPage, 2), EINVAL);
  CHECK_REFUSED(ZeroPage(u, area, 5 * kPage, 0), ENOENT);
  CHECK_REFUSED(ZeroPage(u, area - kPage, kPage, 0), ENOENT);
  Ok("EINVAL and ENOENT");

  CHECK_REFUSED(ZeroPage(u, area + 2 * kPage, kPage, 0), EEXIST);
  CHECK_PARTIAL(ZeroPage(u, area, 4 * kPage, 0), 2 * kPage);
  CHECK_EQ(area[2 * kPage], 'x');
  CHECK(!IsPresent(area + 3 * kPage));
  CHECK_REFUSED(ZeroPage(u, area, kPage, 0), EEXIST);
  Ok("EEXIST, after what could be done");
  return 0;
}
