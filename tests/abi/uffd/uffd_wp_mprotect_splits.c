// mprotect splits a registered mapping, and both parts stay registered; COPY
// and ZEROPAGE want one mapping, WRITEPROTECT takes several.

#include "tests/abi/uffd.h"

int main(void) {
  int u = Uffd(UFFD_FEATURE_PAGEFAULT_FLAG_WP);
  char* area = Island(4, kReadWrite);
  Arm(u, area, 4 * kPage, kMissing | kWp);
  CHECK_DONE(ZeroPage(u, area + kPage, kPage, 0), kPage);
  MUST(madvise(area + kPage, kPage, MADV_DONTNEED));
  MUST(mprotect(area + 2 * kPage, 2 * kPage, PROT_READ));
  CHECK_EQ(CountMaps(area, 4 * kPage), 2);
  CHECK(HasVmFlag(area + 2 * kPage, "um"));
  char* src = Anonymous(4, kReadWrite);
  CHECK_REFUSED(Copy(u, area, src, 4 * kPage, 0), ENOENT);
  CHECK_REFUSED(ZeroPage(u, area + kPage, 2 * kPage, 0), ENOENT);
  CHECK_DONE(Copy(u, area, src, 2 * kPage, 0), 2 * kPage);
  CHECK_DONE(Copy(u, area + 2 * kPage, src, 2 * kPage, 0), 2 * kPage);
  CHECK_EQ(WriteProtect(u, area, 4 * kPage, kProtect), 0);
  CHECK(IsProtected(area));
  CHECK(IsProtected(area + 3 * kPage));
  Ok("two mappings");

  MUST(mprotect(area, 4 * kPage, kReadWrite));
  CHECK_EQ(CountMaps(area, 4 * kPage), 1);
  CHECK_EQ(WriteProtect(u, area + kPage, kPage, 0), 0);
  area[kPage] = 'x';
  CHECK(!HasMessage(u));
  Ok("and one again");
  return 0;
}
