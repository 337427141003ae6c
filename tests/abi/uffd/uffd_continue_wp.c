// CONTINUE with MODE_WP maps the page write-protected (6.4).

#include "tests/abi/uffd_threads.h"

int main(void) {
  int u = Uffd(UFFD_FEATURE_WP_HUGETLBFS_SHMEM);
  int fd = LetterFile(1);
  char* area = MUST(mmap(NULL, kPage, kReadWrite, MAP_SHARED, fd, 0));
  Arm(u, area, kPage, kMinor | kWp);
  struct Toucher t;
  StartStore(&t, area);
  CHECK_PAGEFAULT(NextMessage(u), area, kMinorStore);
  CHECK_DONE(Continue(u, area, kPage, kContinueWp), kPage);
  CHECK_PAGEFAULT(NextMessage(u), area, kWpFlags);
  CHECK(IsProtected(area));
  CHECK_EQ(area[0], 'A');
  Ok("the store waits once more");

  CHECK_EQ(WriteProtect(u, area, kPage, 0), 0);
  CHECK_EQ(Seen(&t), 'w');
  char c = 0;
  CHECK_EQ(pread(fd, &c, 1, 0), 1);
  CHECK_EQ(c, 'w');
  Ok("and then reaches the file");
  return 0;
}
