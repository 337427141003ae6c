// /proc/PID/mem does not wait for the handler: EIO, and nobody is
// told.

#include "tests/abi/uffd.h"

int main(void) {
  int u = Uffd(0);
  char* area = Island(2, kReadWrite);
  Arm(u, area, 2 * kPage, kMissing);
  int fd = MUST(open("/proc/self/mem", O_RDWR));
  char byte = 0;
  CHECK_FAILS(pread(fd, &byte, 1, (off_t)(uintptr_t)area), EIO);
  CHECK_FAILS(pwrite(fd, &byte, 1, (off_t)(uintptr_t)area), EIO);
  CHECK(!HasMessage(u));
  Ok("/proc/self/mem");

  CHECK_DONE(Copy(u, area, Letter('m'), kPage, 0), kPage);
  CHECK_EQ(pread(fd, &byte, 1, (off_t)(uintptr_t)area), 1);
  CHECK_EQ(byte, 'm');
  Ok("a page that is there is read");
  return 0;
}
