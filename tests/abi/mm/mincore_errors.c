// ENOMEM for a hole, EINVAL for an unaligned start, EFAULT for a bad vector;
// an unaligned length is rounded up.
// Covers: plugin/linux/memory/advice_calls.cc
#include "tests/abi/memory.h"

int main(void) {
  char* area = Island(3, kReadWrite);
  unsigned char vector[4];
  CHECK_FAILS(mincore(area + 1, kPage, vector), EINVAL);
  CHECK_FAILS(mincore(area, kPage, NULL), EFAULT);
  MUST(mincore(area, 0, NULL));
  Ok("unaligned start, bad vector, nothing");

  area[kPage] = 'x';
  memset(vector, 0xff, sizeof vector);
  MUST(mincore(area, kPage + 1, vector));
  CHECK_EQ(vector[0] & 1, 0);
  CHECK_EQ(vector[1] & 1, 1);
  CHECK_EQ(vector[2], 0xff);
  Ok("an unaligned length is rounded up");

  MUST(munmap(area + 2 * kPage, kPage));
  CHECK_FAILS(mincore(area, 3 * kPage, vector), ENOMEM);
  CHECK_FAILS(mincore(area, (size_t)-kPage, vector), ENOMEM);
  Ok("a hole, and more than there is");
}
