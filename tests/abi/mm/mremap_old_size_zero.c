// An old size of zero makes a second mapping of shared memory, and is an error
// for private memory.
#include "tests/abi/memory.h"

int main(void) {
  char* area = MUST(
      mmap(NULL, 2 * kPage, kReadWrite, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  area[kPage] = 'x';
  char* twin = MUST(mremap(area, 0, 2 * kPage, MREMAP_MAYMOVE));
  CHECK(twin != area);
  CHECK_EQ(twin[kPage], 'x');
  twin[0] = 'y';
  CHECK_EQ(area[0], 'y');
  Ok("two mappings of the same pages");

  char* own = Island(1, kReadWrite);
  CHECK_FAILS(mremap(own, 0, kPage, MREMAP_MAYMOVE), EINVAL);
  CHECK_FAILS(mremap(area, 0, kPage, 0), ENOMEM);
  Ok("not for private memory, not in place");
}
