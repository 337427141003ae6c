// Bad advice is EINVAL. A hole is ENOMEM, but the rest of the range is done.
// Covers: plugin/linux/memory/advice_calls.cc
#include "tests/abi/memory.h"

int main(void) {
  char* area = Island(3, kReadWrite);
  CHECK_FAILS(madvise(area, kPage, 12345), EINVAL);
  CHECK_FAILS(madvise(area + 1, kPage, MADV_DONTNEED), EINVAL);
  CHECK_FAILS(madvise(area, (size_t)-1, MADV_DONTNEED), EINVAL);
  MUST(madvise(area, 0, MADV_DONTNEED));
  Ok("bad advice, unaligned, too long, nothing");

  memset(area, 'x', 3 * kPage);
  MUST(munmap(area + kPage, kPage));
  CHECK_FAILS(madvise(area, 3 * kPage, MADV_DONTNEED), ENOMEM);
  CHECK_EQ(area[0], 0);
  CHECK_EQ(area[2 * kPage], 0);
  Ok("both sides of a hole are done");

  MUST(mlock(area, kPage));
  CHECK_FAILS(madvise(area, kPage, MADV_DONTNEED), EINVAL);
  Ok("locked memory is not dropped");
}
