// Changing the middle's protection makes three mappings; changing it back
// makes one again.
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

int main(void) {
  char* area = Island(5, kReadWrite);
  memset(area, 'x', 5 * kPage);
  MUST(mprotect(area + kPage, 2 * kPage, PROT_READ));
  CHECK_EQ(CountMaps(area, 5 * kPage), 3);
  struct MapsLine line;
  CHECK(FindMap(area + kPage, &line));
  CHECK_EQ(line.start, area + kPage);
  CHECK_EQ(line.end, area + 3 * kPage);
  CHECK_EQ(strcmp(line.perms, "r--p"), 0);
  Ok("three mappings");

  MUST(mprotect(area + 3 * kPage, 2 * kPage, PROT_READ));
  CHECK_EQ(CountMaps(area, 5 * kPage), 2);
  Ok("the right neighbour joined");

  MUST(mprotect(area, 5 * kPage, kReadWrite));
  CHECK_EQ(CountMaps(area, 5 * kPage), 1);
  CHECK_NO_FAULT(Write(area + 2 * kPage));
  CHECK_EQ(area[2 * kPage + 1], 'x');
  Ok("one mapping again, bytes kept");
}
