// msync checks its flags and the range; what it writes back is there already.
// Covers: plugin/linux/memory/advice_calls.cc
#include "tests/abi/memory.h"

int main(void) {
  int file = LetterFile(3);
  char* map = MUST(mmap(NULL, 3 * kPage, kReadWrite, MAP_SHARED, file, 0));
  map[0] = 'x';
  MUST(msync(map, 3 * kPage, MS_SYNC));
  MUST(msync(map, 3 * kPage, MS_ASYNC));
  MUST(msync(map, 0, MS_SYNC));
  Ok("sync and async");

  CHECK_FAILS(msync(map, kPage, MS_SYNC | MS_ASYNC), EINVAL);
  CHECK_FAILS(msync(map, kPage, 64), EINVAL);
  CHECK_FAILS(msync(map + 1, kPage, MS_SYNC), EINVAL);
  Ok("both at once, unknown flag, unaligned");

  MUST(mlock(map, kPage));
  CHECK_FAILS(msync(map, kPage, MS_SYNC | MS_INVALIDATE), EBUSY);
  Ok("MS_INVALIDATE on locked memory");
  MUST(munmap(map + kPage, kPage));
  CHECK_FAILS(msync(map, 3 * kPage, MS_SYNC), ENOMEM);
  Ok("a hole");
}
