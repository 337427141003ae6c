// MREMAP_DONTUNMAP moves the pages and leaves an empty mapping behind.
#include "tests/abi/memory.h"

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

int main(void) {
  char* area = Island(2, kReadWrite);
  area[0] = 'x';
  char* moved = MUST(
      mremap(area, 2 * kPage, 2 * kPage, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0));
  CHECK(moved != area);
  CHECK_EQ(moved[0], 'x');
  CHECK_EQ(area[0], 0);
  area[0] = 'y';
  CHECK_EQ(moved[0], 'x');
  Ok("pages moved, the old mapping is empty");

  CHECK_FAILS(mremap(area, kPage, kPage, MREMAP_DONTUNMAP, 0), EINVAL);
  CHECK_FAILS(
      mremap(area, kPage, 2 * kPage, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0),
      EINVAL);
  Ok("needs MAYMOVE and the same size");
}
