// With both modes a protected page that is missing is reported as missing
// first; COPY over the marker keeps what COPY's mode says.

#include "tests/abi/uffd_threads.h"

int main(void) {
  int u = Uffd(UFFD_FEATURE_WP_HUGETLBFS_SHMEM);
  char* area = MUST(
      mmap(NULL, 2 * kPage, kReadWrite, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  Arm(u, area, 2 * kPage, kMissing | kWp);
  CHECK_EQ(WriteProtect(u, area, 2 * kPage, kProtect), 0);
  CHECK(IsProtected(area));
  struct Toucher t;
  StartStore(&t, area);
  CHECK_PAGEFAULT(NextMessage(u), area, kStoreFlags);
  CHECK_DONE(Copy(u, area, Letter('a'), kPage, 0), kPage);
  CHECK_EQ(Seen(&t), 'w');
  CHECK(!IsProtected(area));
  Ok("COPY without WP replaces the marker");

  StartStore(&t, area + kPage);
  CHECK_PAGEFAULT(NextMessage(u), area + kPage, kStoreFlags);
  CHECK_DONE(Copy(u, area + kPage, Letter('b'), kPage, UFFDIO_COPY_MODE_WP),
             kPage);
  CHECK_PAGEFAULT(NextMessage(u), area + kPage, kWpFlags);
  CHECK(IsProtected(area + kPage));
  CHECK_EQ(WriteProtect(u, area + kPage, kPage, 0), 0);
  CHECK_EQ(Seen(&t), 'w');
  Ok("COPY with WP keeps the page protected");
  return 0;
}
