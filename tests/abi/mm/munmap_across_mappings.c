// One munmap may cut the tail of one mapping, all of others, holes, and the
// head of a last one.
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

int main(void) {
  char* area = Island(10, kReadWrite);
  memset(area, 'x', 10 * kPage);
  MUST(mprotect(area + 3 * kPage, 2 * kPage, PROT_READ));
  MUST(munmap(area + 6 * kPage, kPage));
  CHECK_EQ(CountMaps(area, 10 * kPage), 4);
  MUST(munmap(area + 2 * kPage, 6 * kPage));
  CHECK_EQ(CountMaps(area, 10 * kPage), 2);
  CHECK_EQ(CountMaps(area + 2 * kPage, 6 * kPage), 0);
  CHECK_EQ(area[2 * kPage - 1], 'x');
  CHECK_EQ(area[8 * kPage], 'x');
  Ok("cut across four mappings and a hole");
  MUST(munmap(area, 10 * kPage));
  MUST(munmap(area, 10 * kPage));
  Ok("unmapping nothing succeeds");
}
