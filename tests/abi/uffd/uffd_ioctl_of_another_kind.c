// The filling ioctls on descriptors that are no userfaultfd.

#include "tests/abi/uffd.h"

int main(void) {
  int fds[2];
  MUST(pipe(fds));
  int file = MUST(memfd_create("file", 0));
  char* area = Island(1, kReadWrite);
  CHECK_INVALID(Copy(fds[0], area, Letter('a'), kPage, 0), ENOTTY);
  CHECK_INVALID(Copy(file, area, Letter('a'), kPage, 0), ENOTTY);
  CHECK_EQ(Wake(file, area, kPage), ENOTTY);
  CHECK_EQ(Handshake(file, 0), ENOTTY);
  CHECK_EQ(Handshake(-1, 0), EBADF);
  int path = MUST(open("/", O_PATH));
  CHECK_EQ(Handshake(path, 0), EBADF);
  Ok("ENOTTY, and EBADF for none");
  return 0;
}
