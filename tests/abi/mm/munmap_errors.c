// Addresses are pages, a length is not nothing, and the range is the user's.
#include "tests/abi/memory.h"

int main(void) {
  char* area = Island(1, kReadWrite);
  CHECK_FAILS(munmap(area + 1, kPage), EINVAL);
  CHECK_FAILS(munmap(area, 0), EINVAL);
  CHECK_FAILS(munmap(area, (size_t)-1), EINVAL);
  CHECK_FAILS(munmap((void*)(3ul << 55), kPage), EINVAL);
  CHECK_NO_FAULT(Read(area));
  Ok("EINVAL, and nothing unmapped");
  MUST(munmap(area, 1));
  CHECK_FAULT(Read(area), SIGSEGV, SEGV_MAPERR, area);
  Ok("a length is rounded up");
}
