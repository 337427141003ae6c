// MAP_DROPPABLE memory (6.11) cannot be registered, as its pages come and go;
// 6.12 allowed it.

#include "tests/abi/uffd.h"

enum { kMapDroppable = 8 };

int main(void) {
  char* area =
      mmap(NULL, kPage, kReadWrite, kMapDroppable | MAP_ANONYMOUS, -1, 0);
  if (area == MAP_FAILED) Skip("no droppable memory");
  const int error = KernelSince(6, 17) ? EINVAL : 0;
  int u = Uffd(0);
  CHECK_EQ(Register(u, area, kPage, kMissing).error, error);
  CHECK_EQ(Register(u, area, kPage, kWp).error, error);
  if (error == 0) {
    CHECK_DONE(Copy(u, area, Letter('a'), kPage, 0), kPage);
    CHECK_EQ(area[0], 'a');
    Ok("registered and filled");
    return 0;
  }
  int async = Uffd(kFeatureWpAsync);
  CHECK_INVALID(Register(async, area, kPage, kWp), EINVAL);
  Ok("EINVAL, even for WP_ASYNC");
  return 0;
}
