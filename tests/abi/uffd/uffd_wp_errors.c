// UFFDIO_WRITEPROTECT: its errors, and what a failing call has done.

#include "tests/abi/uffd.h"

int main(void) {
  int u = Uffd(UFFD_FEATURE_PAGEFAULT_FLAG_WP);
  char* area = Island(4, kReadWrite);
  memset(area, 'a', 4 * kPage);
  CHECK_EQ(WriteProtect(u, area, kPage, kProtect), ENOENT);
  CHECK_EQ(WriteProtect(u, area - kPage, kPage, kProtect), ENOENT);
  Arm(u, area, 4 * kPage, kMissing);
  CHECK_EQ(WriteProtect(u, area, kPage, kProtect), ENOENT);
  CHECK_EQ(WriteProtect(u, area, kPage, 0), ENOENT);
  Ok("ENOENT where there is no registration for it");

  Arm(u, area, 4 * kPage, kWp);
  CHECK_EQ(WriteProtect(u, area + 1, kPage, kProtect), EINVAL);
  CHECK_EQ(WriteProtect(u, area, kPage + 1, kProtect), EINVAL);
  CHECK_EQ(WriteProtect(u, area, 0, kProtect), EINVAL);
  CHECK_EQ(WriteProtect(u, area, kPage, 4), EINVAL);
  CHECK_EQ(WriteProtect(u, area, kPage,
                        kProtect | UFFDIO_WRITEPROTECT_MODE_DONTWAKE),
           EINVAL);
  CHECK_EQ(WriteProtect(u, area, 1ull << 63, kProtect), EINVAL);
  CHECK(!IsProtected(area));
  Ok("EINVAL: ranges, modes, and DONTWAKE when protecting");

  MUST(munmap(area + kPage, kPage));
  CHECK_EQ(WriteProtect(u, area, 3 * kPage, kProtect), 0);
  CHECK(IsProtected(area));
  CHECK(IsProtected(area + 2 * kPage));
  Ok("holes are no error");

  CHECK_EQ(WriteProtect(u, area, 4 * kPage, 0), 0);
  CHECK_EQ(Unregister(u, area + 2 * kPage, kPage), 0);
  CHECK_EQ(WriteProtect(u, area, 4 * kPage, kProtect), ENOENT);
  CHECK(IsProtected(area));
  CHECK(!IsProtected(area + 3 * kPage));
  Ok("what comes before memory that is not registered is protected");
  return 0;
}
