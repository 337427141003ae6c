// Unmapping the middle leaves two mappings; touching the hole is MAPERR.
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

int main(void) {
  char* area = Island(5, kReadWrite);
  memset(area, 'x', 5 * kPage);
  CHECK_EQ(CountMaps(area, 5 * kPage), 1);
  MUST(munmap(area + 2 * kPage, kPage));
  CHECK_EQ(CountMaps(area, 5 * kPage), 2);
  struct MapsLine line;
  CHECK(FindMap(area, &line));
  CHECK_EQ(line.end, area + 2 * kPage);
  CHECK(FindMap(area + 4 * kPage, &line));
  CHECK_EQ(line.start, area + 3 * kPage);
  Ok("two mappings are left");

  CHECK_FAULT(Read(area + 2 * kPage), SIGSEGV, SEGV_MAPERR, area + 2 * kPage);
  CHECK_EQ(area[2 * kPage - 1], 'x');
  CHECK_EQ(area[3 * kPage], 'x');
  Ok("the hole is MAPERR, its neighbours keep their bytes");
}
