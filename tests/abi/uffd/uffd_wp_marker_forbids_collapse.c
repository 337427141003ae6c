// The mark of an absent page that is write-protected would be lost in a huge
// page: MADV_COLLAPSE leaves its huge page out, and goes on to the next.
// Covers: guest_mm/thp/collapse_table.cc
#include "tests/abi/huge.h"
#include "tests/abi/uffd.h"

int main(void) {
  const size_t huge = HugeSize();
  char* area = HugeArea(2);
  MUST(madvise(area, 2 * huge, MADV_NOHUGEPAGE));
  for (size_t i = 0; i < 2 * huge; i += kPage) area[i] = 1;
  MUST(madvise(area + 3 * kPage, kPage, MADV_DONTNEED));
  MUST(madvise(area, 2 * huge, MADV_HUGEPAGE));
  int u = Uffd(kFeatureWpUnpopulated);
  Arm(u, area, 2 * huge, UFFDIO_REGISTER_MODE_WP);
  CHECK_EQ(
      WriteProtect(u, area + 3 * kPage, kPage, UFFDIO_WRITEPROTECT_MODE_WP), 0);
  CHECK(IsProtected(area + 3 * kPage));
  CHECK_FAILS(madvise(area, 2 * huge, kCollapse), EINVAL);
  CHECK(IsProtected(area + 3 * kPage));
  Ok("it is still there");
  CHECK_EQ(HugeKb(area), (long)huge / 1024);
  Ok("the next huge page is collapsed all the same");
}
