// With SIGBUS a store to a protected page is a signal as well, and the page
// keeps what it holds.

#include "tests/abi/uffd.h"

int main(void) {
  int u = Uffd(UFFD_FEATURE_SIGBUS | UFFD_FEATURE_PAGEFAULT_FLAG_WP);
  char* area = Island(1, kReadWrite);
  area[0] = 'a';
  Arm(u, area, kPage, kWp);
  CHECK_EQ(WriteProtect(u, area, kPage, kProtect), 0);
  CHECK_NO_FAULT(Read(area));
  CHECK_FAULT(Write(area), SIGBUS, BUS_ADRERR, area);
  CHECK_EQ(area[0], 'a');
  int fds[2];
  MUST(pipe(fds));
  CHECK_EQ(write(fds[1], "x", 1), 1);
  CHECK_FAILS(read(fds[0], area, 1), EFAULT);
  CHECK(!HasMessage(u));
  Ok("protected");

  CHECK_EQ(WriteProtect(u, area, kPage, 0), 0);
  CHECK_NO_FAULT(Write(area));
  CHECK_EQ(area[0], 'w');
  Ok("and free");
  return 0;
}
