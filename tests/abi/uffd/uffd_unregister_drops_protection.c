// UNREGISTER takes the write protection of pages away; registering again
// without WP does too.

#include "tests/abi/uffd.h"

int main(void) {
  int u = Uffd(UFFD_FEATURE_PAGEFAULT_FLAG_WP);
  char* area = Island(2, kReadWrite);
  memset(area, 'a', 2 * kPage);
  Arm(u, area, 2 * kPage, kWp);
  CHECK_EQ(WriteProtect(u, area, 2 * kPage, kProtect), 0);
  CHECK(IsProtected(area));
  CHECK_EQ(Unregister(u, area, kPage), 0);
  CHECK(!IsProtected(area));
  CHECK(IsProtected(area + kPage));
  area[0] = 'b';
  CHECK_EQ(area[0], 'b');
  Ok("in the range only");

  MUST(close(u));
  area[kPage] = 'b';
  CHECK(!IsProtected(area + kPage));
  Ok("close lets writes through");
  return 0;
}
