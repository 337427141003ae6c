// COPY into shared memory behind the end of its file is EFAULT; pages before
// the end count. A load there is SIGBUS, and nobody is asked.

#include "tests/abi/uffd.h"

int main(void) {
  int u = Uffd(0);
  int fd = MUST(memfd_create("file", 0));
  MUST(ftruncate(fd, kPage + 1));
  char* area = MUST(mmap(NULL, 4 * kPage, kReadWrite, MAP_SHARED, fd, 0));
  char* src = Anonymous(4, kReadWrite);
  memset(src, 's', 4 * kPage);
  Arm(u, area, 4 * kPage, kMissing);
  CHECK_REFUSED(Copy(u, area + 2 * kPage, src, kPage, 0), EFAULT);
  CHECK_REFUSED(ZeroPage(u, area + 3 * kPage, kPage, 0), EFAULT);
  CHECK_FAULT(Read(area + 2 * kPage), SIGBUS, BUS_ADRERR, area + 2 * kPage);
  CHECK(!HasMessage(u));
  Ok("behind the end");

  CHECK_PARTIAL(Copy(u, area, src, 4 * kPage, 0), 2 * kPage);
  CHECK_EQ(area[kPage], 's');
  Ok("the page that holds the end is in the file");

  char* private = MUST(mmap(NULL, 4 * kPage, kReadWrite, MAP_PRIVATE, fd, 0));
  Arm(u, private, 4 * kPage, kMissing);
  struct Outcome o = Copy(u, private + 2 * kPage, src, kPage, 0);
  CHECK_OUTCOME(o, EFAULT, -EFAULT);
  Ok("of a private mapping too");
  return 0;
}
