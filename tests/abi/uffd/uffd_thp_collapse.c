// MADV_COLLAPSE of registered memory: not over missing pages, which are the
// handler's, nor over protected ones; of what is all there, yes.

#include "tests/abi/huge.h"
#include "tests/abi/uffd.h"

int main(void) {
  const size_t huge = HugeSize();
  char* area = HugeArea(1);
  MUST(madvise(area, huge, MADV_NOHUGEPAGE));
  memset(area, 'h', huge);
  MUST(madvise(area, huge, MADV_HUGEPAGE));
  int u = Uffd(UFFD_FEATURE_PAGEFAULT_FLAG_WP);
  Arm(u, area, huge, kMissing | kWp);
  MUST(madvise(area + 3 * kPage, kPage, MADV_DONTNEED));
  CHECK_FAILS(madvise(area, huge, kCollapse), EBUSY);
  CHECK(!IsPresent(area + 3 * kPage));
  CHECK(!HasMessage(u));
  Ok("a missing page");

  CHECK_DONE(Copy(u, area + 3 * kPage, Letter('c'), kPage, 0), kPage);
  CHECK_EQ(WriteProtect(u, area + 5 * kPage, kPage, kProtect), 0);
  CHECK_FAILS(madvise(area, huge, kCollapse), EINVAL);
  CHECK(IsProtected(area + 5 * kPage));
  Ok("a protected page");

  CHECK_EQ(WriteProtect(u, area + 5 * kPage, kPage, 0), 0);
  if (madvise(area, huge, kCollapse) != 0) {
    CHECK(errno == ENOMEM || errno == EAGAIN || errno == EBUSY);
    Skip("no huge page to be had");
  }
  CHECK_EQ(HugeKb(area), huge >> 10);
  CHECK_EQ(area[3 * kPage], 'c');
  CHECK_EQ(area[4 * kPage], 'h');
  CHECK(!HasMessage(u));
  Ok("nothing missing, nothing protected");
  return 0;
}
