// UFFDIO_COPY: a destination that is not registered, or is not all of one
// mapping, is ENOENT.

#include "tests/abi/uffd.h"

int main(void) {
  int u = Uffd(0);
  char* area = Island(4, kReadWrite);
  char* src = Anonymous(2, kReadWrite);
  memset(src, 's', 2 * kPage);
  CHECK_REFUSED(Copy(u, area, src, kPage, 0), ENOENT);
  CHECK_REFUSED(Copy(u, area - kPage, src, kPage, 0), ENOENT);
  Ok("not registered, not mapped");

  Arm(u, area + kPage, kPage, kMissing);
  Arm(u, area + 2 * kPage, kPage, kMissing | kWp);
  CHECK_REFUSED(Copy(u, area, src, 2 * kPage, 0), ENOENT);
  CHECK_REFUSED(Copy(u, area + 2 * kPage, src, 2 * kPage, 0), ENOENT);
  CHECK_REFUSED(Copy(u, area + kPage, src, 2 * kPage, 0), ENOENT);
  CHECK(!IsPresent(area + kPage));
  Ok("one range in two mappings");

  CHECK_DONE(Copy(u, area + kPage, src, kPage, 0), kPage);
  CHECK_DONE(Copy(u, area + 2 * kPage, src, kPage, 0), kPage);
  Ok("each by itself is fine");
  return 0;
}
