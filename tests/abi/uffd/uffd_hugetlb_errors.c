// COPY to huge pages: EINVAL, EEXIST, ENOENT, EFAULT, ENOMEM when the pool is
// empty, and whole huge pages done before an error.

#include "tests/abi/hugetlb.h"
#include "tests/abi/uffd.h"

static void Body(void) {
  const size_t huge = Huge();
  int u = Uffd(0);
  char* area = MapHuge(3, kHugeFlags | MAP_NORESERVE);
  char* src = Island(2 * huge / kPage, kReadWrite);
  memset(src, 's', 2 * huge);
  CHECK_REFUSED(Copy(u, area, src, huge, 0), ENOENT);
  Arm(u, area, 3 * huge, kMissing);
  CHECK_REFUSED(Copy(u, area, src, kPage, 0), EINVAL);
  CHECK_REFUSED(Copy(u, area + kPage, src, huge, 0), EINVAL);
  CHECK_REFUSED(Copy(u, area, src, huge + kPage, 0), EINVAL);
  CHECK_REFUSED(ZeroPage(u, area, huge, 0), EINVAL);
  CHECK_REFUSED(Copy(u, area, src, huge, UFFDIO_COPY_MODE_WP), EINVAL);
  Ok("EINVAL and ENOENT");

  CHECK_REFUSED(Copy(u, area, src + huge + kPage, huge, 0), EFAULT);
  CHECK_PARTIAL(Copy(u, area, src + kPage, 2 * huge, 0), huge);
  CHECK_POOL(1, 0);
  Ok("EFAULT, after a huge page");

  CHECK_REFUSED(Copy(u, area, src, huge, 0), EEXIST);
  CHECK_DONE(Copy(u, area + huge, src, huge, 0), huge);
  // 6.18 (not 6.12) takes the empty entry that the call has made for a page.
  CHECK_REFUSED(Copy(u, area + 2 * huge, src, huge, 0),
                KernelSince(6, 18) ? EEXIST : ENOMEM);
  CHECK(!IsPresent(area + 2 * huge));
  Ok("EEXIST, and ENOMEM from an empty pool");

  MUST(madvise(area, huge, MADV_DONTNEED));
  CHECK_PARTIAL(Copy(u, area, src, 2 * huge, 0), huge);
  CHECK_EQ(area[huge], 's');
  Ok("done first, told later");
}

int main(void) { return WithPool(2, Body); }
