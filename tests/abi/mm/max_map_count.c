// A process has at most vm.max_map_count mappings; the next one is ENOMEM.
#include "tests/abi/memory.h"
#include "tests/abi/proc.h"

int main(void) {
  FILE* file = fopen("/proc/sys/vm/max_map_count", "r");
  CHECK(file != NULL);
  int limit = 0;
  CHECK_EQ(fscanf(file, "%d", &limit), 1);
  fclose(file);
  CHECK(limit > 1000);
  if (limit > 100000) limit = 100000;  // a tuned host: only show that many work
  char* area = Anonymous((size_t)limit + 16, PROT_NONE);
  int made = 0;
  while (made < limit / 2 + 8 &&
         mprotect(area + (2 * made + 1) * kPage, kPage, PROT_READ) == 0) {
    made++;
  }
  if (limit < 100000) {
    CHECK_EQ(errno, ENOMEM);
    CHECK(made > limit / 2 - 32);
  }
  Ok("stopped by ENOMEM at the limit");
  MUST(munmap(area, ((size_t)limit + 16) * kPage));
  CHECK_NO_FAULT(Write(Island(1, kReadWrite)));
  Ok("room again after munmap");
}
