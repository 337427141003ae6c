// Memory mapped beside registered memory, or grown onto it, does not merge with
// it unless it is the same mapping that grows.

#include "tests/abi/uffd.h"

int main(void) {
  int u = Uffd(0);
  char* area = Island(3, kReadWrite);
  MUST(munmap(area + kPage, 2 * kPage));
  Arm(u, area, kPage, kMissing);
  MUST(mmap(area + kPage, kPage, kReadWrite,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
  CHECK_EQ(CountMaps(area, 2 * kPage), 2);
  CHECK(!HasVmFlag(area + kPage, "um"));
  CHECK_EQ(area[kPage], 0);
  MUST(munmap(area + kPage, kPage));
  Ok("a neighbour is another mapping");

  CHECK_EQ(mremap(area, kPage, 2 * kPage, 0), area);
  CHECK_EQ(CountMaps(area, 2 * kPage), 1);
  CHECK(HasVmFlag(area, "um"));
  CHECK_DONE(Copy(u, area + kPage, Letter('a'), kPage, 0), kPage);
  Ok("mremap grows what is registered");
  return 0;
}
