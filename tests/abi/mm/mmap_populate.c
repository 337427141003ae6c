// MAP_POPULATE fills the mapping at once.
#include "tests/abi/memory.h"

int main(void) {
  char* lazy = Island(16, kReadWrite);
  CHECK_EQ(Resident(lazy, 16), 0);
  char* eager = MUST(mmap(NULL, 16 * kPage, kReadWrite,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0));
  CHECK_EQ(Resident(eager, 16), 16);
  Ok("all resident");
  CHECK_EQ(eager[15 * kPage], 0);
  Ok("and zero");
}
