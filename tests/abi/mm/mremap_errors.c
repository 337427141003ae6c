// What mremap refuses.
// Covers: plugin/linux/memory/map_calls.cc
#include "tests/abi/memory.h"

int main(void) {
  char* area = Island(2, kReadWrite);
  CHECK_FAILS(mremap(area + 1, kPage, 2 * kPage, MREMAP_MAYMOVE), EINVAL);
  CHECK_FAILS(mremap(area, kPage, 0, MREMAP_MAYMOVE), EINVAL);
  CHECK_FAILS(mremap(area, kPage, kPage, 64), EINVAL);
  Ok("unaligned, to nothing, unknown flag");
  CHECK_FAILS(mremap(area - kPage, kPage, 2 * kPage, MREMAP_MAYMOVE), EFAULT);
  CHECK_FAILS(mremap(area, 3 * kPage, 4 * kPage, MREMAP_MAYMOVE), EFAULT);
  Ok("a range that is not one mapping");
  CHECK_NO_FAULT(Write(area + kPage));
}
