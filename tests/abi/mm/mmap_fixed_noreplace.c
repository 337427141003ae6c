// MAP_FIXED_NOREPLACE: the very place, or EEXIST and nothing changed.
#include "tests/abi/memory.h"

int main(void) {
  const int kFlags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
  char* area = Island(3, kReadWrite);
  area[kPage] = 'x';
  CHECK_FAILS(mmap(area + kPage, kPage, kReadWrite, kFlags, -1, 0), EEXIST);
  CHECK_FAILS(mmap(area - kPage, 2 * kPage, kReadWrite, kFlags, -1, 0), EEXIST);
  CHECK_EQ(area[kPage], 'x');
  Ok("an overlap is EEXIST");

  MUST(munmap(area + kPage, kPage));
  CHECK_EQ(MUST(mmap(area + kPage, kPage, kReadWrite, kFlags, -1, 0)),
           area + kPage);
  CHECK_EQ(area[kPage], 0);
  Ok("a hole is filled");
}
