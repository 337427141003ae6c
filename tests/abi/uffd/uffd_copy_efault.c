// UFFDIO_COPY: an unreadable source is EFAULT, where it begins or later; the
// pages before it are copied.

#include "tests/abi/uffd.h"

int main(void) {
  int u = Uffd(0);
  char* area = Island(4, kReadWrite);
  char* src = Island(2, kReadWrite);
  memset(src, 's', 2 * kPage);
  Arm(u, area, 4 * kPage, kMissing);
  CHECK_REFUSED(Copy(u, area, src + 2 * kPage, kPage, 0), EFAULT);
  CHECK_REFUSED(Copy(u, area, Island(1, PROT_NONE), kPage, 0), EFAULT);
  CHECK_REFUSED(Copy(u, area, src + 2 * kPage - 1, kPage, 0), EFAULT);
  CHECK(!IsPresent(area));
  Ok("nothing of the first page");

  CHECK_PARTIAL(Copy(u, area, src, 3 * kPage, 0), 2 * kPage);
  CHECK_EQ(area[kPage], 's');
  CHECK(!IsPresent(area + 2 * kPage));
  CHECK_PARTIAL(Copy(u, area + 2 * kPage, src + kPage / 2, 2 * kPage, 0),
                kPage);
  CHECK(!IsPresent(area + 3 * kPage));
  Ok("whole pages of what is readable");
  return 0;
}
