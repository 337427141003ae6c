// UFFDIO_COPY: what is EINVAL before anything is tried.

#include "tests/abi/uffd.h"

int main(void) {
  int u = Uffd(0);
  char* area = Island(2, kReadWrite);
  char* src = Anonymous(2, kReadWrite);
  memset(src, 'a', 2 * kPage);
  Arm(u, area, 2 * kPage, kMissing);
  CHECK_INVALID(Copy(u, area + 1, src, kPage, 0), EINVAL);
  CHECK_INVALID(Copy(u, area, src, kPage - 1, 0), EINVAL);
  CHECK_INVALID(Copy(u, area, src, kPage + 512, 0), EINVAL);
  CHECK_INVALID(Copy(u, area, src, 0, 0), EINVAL);
  CHECK_INVALID(Copy(u, (char*)(1ull << 63), src, kPage, 0), EINVAL);
  CHECK_INVALID(Copy(u, area, src, 1ull << 63, 0), EINVAL);
  CHECK_INVALID(Copy(u, area, src, (size_t)-kPage, 0), EINVAL);
  Ok("addresses and lengths");

  CHECK_INVALID(Copy(u, area, src, kPage, 4), EINVAL);
  CHECK_INVALID(Copy(u, area, src, kPage, 1ull << 63), EINVAL);
  Ok("modes");

  CHECK_REFUSED(Copy(u, area, src, kPage, UFFDIO_COPY_MODE_WP), EINVAL);
  Ok("MODE_WP where the registration has no WP, told in .copy");

  CHECK_DONE(Copy(u, area, src + 1, kPage, 0), kPage);
  CHECK_EQ(area[0], 'a');
  Ok("the source need not be aligned");
  return 0;
}
