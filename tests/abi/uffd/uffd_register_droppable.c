// MAP_DROPPABLE memory (6.11) cannot be registered: its pages come and go.

#include "tests/abi/uffd.h"

enum { kMapDroppable = 8 };

int main(void) {
  char* area =
      mmap(NULL, kPage, kReadWrite, kMapDroppable | MAP_ANONYMOUS, -1, 0);
  if (area == MAP_FAILED) SkipTest("no droppable memory");
  int u = Uffd(0);
  CHECK_INVALID(Register(u, area, kPage, kMissing), EINVAL);
  CHECK_INVALID(Register(u, area, kPage, kWp), EINVAL);
  int async = Uffd(kFeatureWpAsync);
  CHECK_INVALID(Register(async, area, kPage, kWp), EINVAL);
  Ok("EINVAL, even for WP_ASYNC");
  return 0;
}
