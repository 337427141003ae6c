// UFFDIO_POISON: its errors; it replaces nothing, and COPY may replace it.

#include "tests/abi/uffd.h"

int main(void) {
  int u = Uffd(kFeaturePoison);
  char* area = Island(4, kReadWrite);
  area[2 * kPage] = 'x';
  CHECK_REFUSED(Poison(u, area, kPage, 0), ENOENT);
  Arm(u, area, 4 * kPage, kMissing);
  CHECK_INVALID(Poison(u, area + 1, kPage, 0), EINVAL);
  CHECK_INVALID(Poison(u, area, kPage + 1, 0), EINVAL);
  CHECK_INVALID(Poison(u, area, 0, 0), EINVAL);
  CHECK_INVALID(Poison(u, area, kPage, 2), EINVAL);
  Ok("EINVAL and ENOENT");

  CHECK_REFUSED(Poison(u, area + 2 * kPage, kPage, 0), EEXIST);
  CHECK_PARTIAL(Poison(u, area, 4 * kPage, 0), 2 * kPage);
  CHECK_EQ(area[2 * kPage], 'x');
  Ok("pages that are there stay, those before are poisoned");

  CHECK_REFUSED(Poison(u, area, kPage, 0), EEXIST);
  CHECK_REFUSED(ZeroPage(u, area, kPage, 0), EEXIST);
  Ok("twice is EEXIST, and so is the zero page over it");

  CHECK_DONE(Copy(u, area, Letter('c'), kPage, 0), kPage);
  CHECK_EQ(area[0], 'c');
  Ok("COPY heals it");
  return 0;
}
