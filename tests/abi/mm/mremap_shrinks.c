// A smaller new size unmaps the tail in place.
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

int main(void) {
  char* area = Island(4, kReadWrite);
  memset(area, 'x', 4 * kPage);
  CHECK_EQ(MUST(mremap(area, 4 * kPage, kPage, 0)), area);
  CHECK_EQ(area[kPage - 1], 'x');
  CHECK_EQ(CountMaps(area + kPage, 3 * kPage), 0);
  CHECK_FAULT(Read(area + kPage), SIGSEGV, SEGV_MAPERR, area + kPage);
  Ok("the tail is gone");
}
