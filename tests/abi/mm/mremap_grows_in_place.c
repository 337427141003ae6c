// With room behind it a mapping grows where it is; without, ENOMEM unless it
// may move.
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

int main(void) {
  char* area = Anonymous(5, kReadWrite);
  MUST(munmap(area + 2 * kPage, 2 * kPage));
  area[kPage] = 'x';
  CHECK_EQ(MUST(mremap(area, 2 * kPage, 4 * kPage, 0)), area);
  CHECK_EQ(area[kPage], 'x');
  CHECK_EQ(area[3 * kPage], 0);
  Ok("grew into the hole");

  MUST(mprotect(area + 4 * kPage, kPage, PROT_NONE));
  CHECK_FAILS(mremap(area, 4 * kPage, 5 * kPage, 0), ENOMEM);
  char* moved = MUST(mremap(area, 4 * kPage, 5 * kPage, MREMAP_MAYMOVE));
  CHECK(moved != area);
  CHECK_EQ(moved[kPage], 'x');
  CHECK_EQ(CountMaps(area, 4 * kPage), 0);
  Ok("blocked: ENOMEM, or it moves");
}
