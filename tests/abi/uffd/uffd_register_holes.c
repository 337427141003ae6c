// A range with holes is registered where something is mapped.

#include "tests/abi/uffd.h"

int main(void) {
  int u = Uffd(0);
  char* area = Island(7, kReadWrite);
  MUST(munmap(area, kPage));
  MUST(munmap(area + 2 * kPage, kPage));
  MUST(munmap(area + 5 * kPage, 2 * kPage));
  Arm(u, area, 7 * kPage, kMissing);
  CHECK(HasVmFlag(area + kPage, "um"));
  CHECK(HasVmFlag(area + 3 * kPage, "um"));
  Ok("before, between and behind");

  MUST(mmap(area, kPage, kReadWrite, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
            -1, 0));
  CHECK(!HasVmFlag(area, "um"));
  CHECK_EQ(area[0], 0);
  Ok("what is mapped later is not registered");

  CHECK_REFUSED(Copy(u, area, Letter('a'), kPage, 0), ENOENT);
  CHECK_EQ(Unregister(u, area, 7 * kPage), 0);
  CHECK(!HasVmFlag(area + kPage, "um"));
  CHECK(!HasVmFlag(area + 3 * kPage, "um"));
  Ok("UNREGISTER steps over holes too");
  return 0;
}
