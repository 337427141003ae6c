// In minor mode a page that the file does not have is nobody's business: it is
// allocated; with missing mode too, it is reported as missing.

#include "tests/abi/uffd_threads.h"

int main(void) {
  int u = Uffd(0);
  int fd = MUST(memfd_create("file", 0));
  MUST(ftruncate(fd, 3 * kPage));
  char* area = MUST(mmap(NULL, 3 * kPage, kReadWrite, MAP_SHARED, fd, 0));
  Arm(u, area, 3 * kPage, kMinor);
  CHECK_EQ(area[0], 0);
  area[kPage] = 'x';
  CHECK(!HasMessage(u));
  Ok("minor mode alone");

  Arm(u, area, 3 * kPage, kMinor | kMissing);
  struct Toucher t;
  StartLoad(&t, area + 2 * kPage);
  CHECK_PAGEFAULT(NextMessage(u), area + 2 * kPage, kLoadFlags);
  CHECK_REFUSED(Continue(u, area + 2 * kPage, kPage, 0), EFAULT);
  // Written through the file, it has become a minor fault: the wait must end,
  // and the next try is reported as such.
  CHECK_EQ(pwrite(fd, "y", 1, 2 * kPage), 1);
  CHECK_EQ(Wake(u, area + 2 * kPage, kPage), 0);
  CHECK_PAGEFAULT(NextMessage(u), area + 2 * kPage, kMinorFlags);
  CHECK_DONE(Continue(u, area + 2 * kPage, kPage, 0), kPage);
  CHECK_EQ(Seen(&t), 'y');
  Ok("both modes");
  return 0;
}
